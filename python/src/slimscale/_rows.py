"""Images in bands of rows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _arrays
from ._errors import Error, InvalidArgument

if TYPE_CHECKING:
    from ._arrays import Array, View
    from ._models import Model

Request = tuple[int, float, float, Any]  # channels, milliseconds, percentile, profile
_ROWS_AT_A_TIME = 32  # low-resolution rows of a band of results, at most


class RowStream:
    """An image on its way through the library in rows. All bands are laid out like the first."""

    def __init__(self, engine: Any, model: Model, first: View, array: Array, height: int, order: str) -> None:
        self._engine = engine
        self._scale = model.scale
        self._colors = model.colors
        self._order = order
        self._format = first.format
        self._shape, self._dtype = array.shape[1:], array.dtype.newbyteorder("=")
        self._height = height
        self._makes_luma = self._colors == 3 and (array.ndim == 2 or array.shape[2] == 1)
        self.rows = 0  # that were pushed
        self._begun = False

    def begin(self, request: Request) -> None:
        width, scale = self._shape[0], self._scale
        format = self._band().format
        self._engine.begin_rows(
            (self._format, width, self._height, 0, 0, 0), (format, width * scale, self._height * scale, 0, 0, 0), *request
        )
        self._begun = True

    def abandon(self) -> None:
        """Ends an image that is not complete. A failure to compute has ended it already."""
        if self._begun:
            with contextlib.suppress(Error):
                self._engine.end_rows()

    def push(self, view: View, array: Array) -> Iterator[Array]:
        if array.shape[1:] != self._shape or array.dtype.newbyteorder("=") != self._dtype or view.format != self._format:
            raise InvalidArgument(
                f"a band of {array.dtype} {array.shape} ({view.format}) does not follow bands of {self._dtype} (rows, "
                f"{', '.join(map(str, self._shape))}) ({self._format}); numpy.ascontiguousarray gives them one layout"
            )
        if self.rows + len(array) > self._height:
            raise InvalidArgument(f"the bands have more rows than height={self._height}")
        done = 0
        while done < len(array):
            layout = (self._format, self._shape[0], len(array) - done, 0, 0, 0)
            pushed = self._engine.push_rows(layout, [plane[done:] for plane in view.planes])
            done += pushed
            self.rows += pushed
            yield from self._take()

    def _band(self) -> View:
        """An empty band of results."""
        rows, width = _ROWS_AT_A_TIME * self._scale, self._shape[0] * self._scale
        if self._makes_luma:
            planes = np.empty((3, rows, width), self._dtype)
            return _arrays.View(self._format, list(planes), planes, copied=False)
        return _arrays.view_of(np.empty((rows, width, *self._shape[1:]), self._dtype), self._colors, self._order)

    def _take(self) -> Iterator[Array]:
        while True:
            band = self._band()
            layout = (band.format, self._shape[0] * self._scale, len(band.planes[0]), 0, 0, 0)
            taken = self._engine.take_rows(layout, band.planes)
            if taken == 0:
                return
            if not self._makes_luma:
                yield _arrays.in_given_order(band)[:taken]
                continue
            luma = _arrays.luma_of(band.array[:, :taken])
            yield luma if len(self._shape) == 1 else luma[:, :, np.newaxis]
