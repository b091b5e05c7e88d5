"""How good search is, on files of questions with known answers, always through the classes that serve.

files        reading corpus, questions, judgements, pairs and labels
figures      what could not be measured
ranking      how often the right document comes first
decisions    how often "sure" is said, and right
pairs        the same claim or only the same topic
resampling   intervals of the figures
"""

from index.evaluation.decisions import PRECISION, Judged, calibration_error, coverage_at, evaluate_decisions, judge
from index.evaluation.files import (
    EvaluationError,
    Questions,
    json_lines,
    load,
    load_labels,
    load_pairs,
    load_questions,
    load_texts,
)
from index.evaluation.pairs import area_under_curve, evaluate_pairs
from index.evaluation.ranking import evaluate_retrieval, measure

__all__ = [
    "PRECISION",
    "EvaluationError",
    "Judged",
    "Questions",
    "area_under_curve",
    "calibration_error",
    "coverage_at",
    "evaluate_decisions",
    "evaluate_pairs",
    "evaluate_retrieval",
    "json_lines",
    "judge",
    "load",
    "load_labels",
    "load_pairs",
    "load_questions",
    "load_texts",
    "measure",
]
