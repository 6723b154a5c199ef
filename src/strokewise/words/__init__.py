"""Words: which ones the recogniser knows, what a text asks of a drawing, and what words typically look like."""
