from .evaluation import Evaluation as Evaluation
from .evaluation import evaluate as evaluate
from .ranking import Recognition as Recognition
from .ranking import recognize as recognize
from .ranking import recognize_all as recognize_all
from .recognizers import Recognizer as Recognizer
from .recognizers import describe as describe
from .recognizers import load_recognizer as load_recognizer
