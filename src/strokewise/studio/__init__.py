"""The studio: a web page on which photos are drawn while one watches.

strokewise.studio.serve(port=7860)       # until Ctrl-C
page = strokewise.studio.build()         # the Gradio app alone

It needs the extra `strokewise[studio]`. A visitor's way through it:

    page.py       what is on the page           wiring.py     which control does what
    handlers.py   what happens then             tasks.py      what is drawn
    job.py        drawing in a thread           session.py    what is remembered of a visitor
    views.py      drawings as HTML              texts.py      all words, in three languages
    mending.py    mistakes in one line          serve.py      serving it safely
    notebook.py   the same for a notebook, without Gradio
"""

import lazy_loader

# The names stand in __init__.pyi, and are loaded on first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
