"""Training of the encoder that reads what people draw: from photos alone, drawn by programs in many ways."""
