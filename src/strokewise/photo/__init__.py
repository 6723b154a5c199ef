"""A photo file becomes a framed subject: opening, mask, square frame, faces; `preparing` does it all in order."""
