"""Are the drawings of a folder of labelled photos recognised? Figures, tables and charts, by the paper's protocol."""

from .drawings import Drawn as Drawn
from .figures import Figures as Figures
from .figures import Level as Level
from .figures import Result as Result
from .figures import Share as Share
from .figures import Skipped as Skipped
from .figures import Tally as Tally
from .figures import wilson as wilson
from .report import Evaluation as Evaluation
from .run import evaluate as evaluate
