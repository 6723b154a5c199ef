"""Many photos: a folder, a list or a Parquet file of them, drawn by processes here or by Ray's actors elsewhere.

from strokewise.batch import draw_many

summary = draw_many("photos", "drawings", strokes=8)   # killed at any moment, the same call goes on
print(summary.drawn, summary.failed)

For each photo: `sources` lists it, `plan` finds that it is not drawn yet, `dispatch` sends it to a worker of `local` or
`ray_pool`, where `drawer` draws it; `writer` writes the drawing, records it in the `journal`, and writes the
`manifest`. `run` calls them all.
"""

from .dry_run import Estimate, estimate
from .items import Item
from .plan import Plan, make_plan
from .run import BatchProgress, Summary, draw_many
from .sources import Listing, list_photos

__all__ = [
    "BatchProgress",
    "Estimate",
    "Item",
    "Listing",
    "Plan",
    "Summary",
    "draw_many",
    "estimate",
    "list_photos",
    "make_plan",
]
