"""The yardstick of drawings: two versions or settings draw the same photos, and what they drew is measured."""
