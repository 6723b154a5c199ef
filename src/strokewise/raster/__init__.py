"""Differentiable rasterizer: batches of stroke sets to images, on the CPU and on GPUs.

    points = torch.rand(1, 16, 4, 2) * 224          # [batch, stroke, point, xy], canvas pixels
    points.requires_grad_()
    images = render(points, widths=1.5, size=224)   # [batch, channel, height, width], white = 1
    images.sum().backward()                         # points.grad

    drawn = rasterize(points, 1.5, size=224)        # the same of arrays, without PyTorch, on the CPU
    drawn.picture, drawn.gradient(towards)

The README beside this file says how coverage is defined, which paths there are, and why.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
