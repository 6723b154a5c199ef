"""Pages, travel and machine code for plotters."""
