"""Textual's compositor, for screens of many small widgets of which few change at a time."""

from collections.abc import Collection, Iterator
from typing import Any, final

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip


@final
class DirtyRegionCompositor(Compositor):
    """Renders the widgets that overlap a dirty region; Textual all within their bounding box."""

    _painted_regions: Collection[Region] = ()

    def render_partial_update(self) -> ChopsUpdate | None:
        self._painted_regions = self._dirty_regions.copy()
        try:
            return super().render_partial_update()
        finally:
            self._painted_regions = ()

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterator[tuple[Region, Region, list[Strip]]]:
        painted_regions = self._painted_regions or [crop or self.size.region]
        for widget, (region, clip) in self.visible_widgets.items():
            visible = region.intersection(clip)
            if visible and any(map(visible.overlaps, painted_regions)):
                yield region, clip, widget.render_lines(visible.translate(-region.offset))


def render_region(screen: Screen[Any], region: Region) -> list[Strip]:
    """Return the lines of `region` of `screen`, without click actions; blank beyond its edge."""
    chops = screen._compositor._render_chops(region, region.line_range.__contains__)
    lines = [Strip.join(chop.values()) for chop in chops[region.y : region.bottom]]
    lines += [Strip([])] * (region.height - len(lines))
    return [line.crop_extend(region.x, region.right, None).discard_meta() for line in lines]
