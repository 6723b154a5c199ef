"""Everything that moves strokes: the loop, candidates, losses, views, local search, simplification, importance."""
