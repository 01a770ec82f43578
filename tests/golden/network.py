"""What a network is, without PyTorch: model_file.py reads it from files."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    """networks::Network (networks/networks.h), under the same names."""

    name: str
    family: str  # "edsr", "rcan", "carn", "compact"
    scale: int = 2
    colors: int = 3
    channels: int = 64
    blocks: int = 8
    residual_groups: int = 0
    reduction: int = 16
    res_scale: float = 1.0
    group_channels: int = 0
    recursive: bool = False
    slicing: str = "per_segment"  # or "leading"
    range: float = 255.0
    mean: tuple = (0.4488, 0.4371, 0.4040)
    input_skip: bool = False
    feature_residual: bool = False
