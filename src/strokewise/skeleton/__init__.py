"""Skeletons of masks as graphs: what meets where, and the lines that run through

graph = skeleton_graph(mask)     # paths, and the nodes where they meet
lines = follow(graph)            # through nodes where they run on

graph.py reads the skeleton, walks.py goes along it.
"""

from .graph import Graph as Graph
from .graph import skeleton_graph as skeleton_graph
from .graph import unbranched as unbranched
from .walks import Walk as Walk
from .walks import follow as follow
