"""Folders and videos over many processes or machines.

    python -m slimscale.cluster upscale holiday/ holiday_x2/                        # processes of this machine
    python -m slimscale.cluster upscale holiday/ holiday_x2/ --address auto         # the Ray cluster of this machine

A picture is one piece of work, a video one for each segment. Pieces travel as bytes: workers need the package, and neither
the folders nor the model's file.
"""

from ._run import Summary, upscale

__all__ = ["Summary", "upscale"]
