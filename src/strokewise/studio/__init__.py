"""The studio: a web page that draws photos while the visitor watches.

strokewise.studio.serve(port=7860)       # until Ctrl-C
page = strokewise.studio.build()         # the Gradio app alone

It needs the extra `strokewise[studio]`. The modules:

    page.py           layout of the page                  events.py         which handler each control calls
    handlers.py       one method for each event           controls.py       values of controls to settings and look
    subject_page.py   the same for the subject's page     painting.py       a mask, painted stroke by stroke
    edge_brush.py     a brush that follows edges          pen_colors.py     drawings by several pens
    tab_pages.py      ladder, fewest, trace, words        tones.py          tone under a drawing
    page_options.py   how drawings are shown              drawing_texts.py  texts on scenes, tone and words
    live_drawing.py   a drawing shown in progress         background.py     drawing in a thread
    tasks.py          opening, framing, drawing           session.py        what is kept of each visitor
    views.py          drawings as HTML                    command_lines.py  the commands that make a drawing
    downloads.py      drawings as files                   examples.py       photos to try
    translations.py   all texts, in three languages       errors.py         errors as one line on the page
    serve.py          serving the page                    guard.py          limits and headers of requests
    limits.py         what visitors may do                api.py            drawing over HTTP without the page
    notebook.py       the same in a notebook, without Gradio
"""

import lazy_loader

# The names are listed in __init__.pyi, and are loaded on first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
