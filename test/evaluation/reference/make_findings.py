"""Findings: bootstrap by patient on given draws from scikit-learn and numpy, sets from MAPIE and numpy. Run: python make_findings.py > findings.json, and npm run format"""
import json
import sys

import mapie
import numpy as np
import sklearn
from mapie.classification import SplitConformalClassifier
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score, roc_auc_score

rng = np.random.default_rng(47)
NAMES = ['auc', 'averagePrecision', 'precision', 'recall', 'specificity', 'f1']


def of_finding(y, p):
    """Of the images of which it is known."""
    called = p >= 0.5
    both = 0 < y.sum() < len(y)
    return [roc_auc_score(y, p) if both else np.nan, average_precision_score(y, p) if y.any() else np.nan, precision_score(y, called, zero_division=0),
            recall_score(y, called, zero_division=0), recall_score(~y, ~called, zero_division=0), f1_score(y, called, zero_division=0)]


def metrics(truths, p):
    """Of each finding, then macro AUC and average precision over those of which they are defined, and the share of images of which all known answers are right."""
    each = [of_finding(truths[truths[:, k] >= 0, k] == 1, p[truths[:, k] >= 0, k]) for k in range(p.shape[1])]
    wholly = ((truths < 0) | ((p >= 0.5) == (truths == 1))).all(1).mean()
    return [v for row in each for v in row] + [np.nanmean([row[0] for row in each]), np.nanmean([row[1] for row in each]), wholly]


def bca(point, samples, left, level=0.95):
    """Efron 1987, equations 14.9 to 14.15 of Efron and Tibshirani (1993); ties up to rounding."""
    samples = samples[~np.isnan(samples)]
    z0 = stats.norm.ppf(((samples < point - 1e-12).sum() + (samples <= point + 1e-12).sum()) / (2 * len(samples)))
    d = left.mean() - left
    a = (d ** 3).sum() / (6 * (d ** 2).sum() ** 1.5)
    z = z0 + stats.norm.ppf([(1 - level) / 2, (1 + level) / 2])
    return np.percentile(samples, 100 * stats.norm.cdf(z0 + z / (1 - a * z)))


def intervals(images=48, patients=16, k=2, replicates=60):
    truths = rng.choice([-1, 0, 1], (images, k), p=[0.1, 0.5, 0.4])
    p = np.round(1 / (1 + np.exp(-rng.normal(size=(images, k)) - 1.2 * truths + 0.4)), 2)
    patient = np.arange(images) % patients
    of = [np.flatnonzero(patient == i) for i in range(patients)]
    draws = rng.integers(0, patients, (replicates, patients))
    take = lambda who: (lambda at: metrics(truths[at], p[at]))(np.concatenate([of[i] for i in who]))
    point = np.array(take(range(patients)))
    samples = np.array([take(d) for d in draws])
    left = np.array([take([i for i in range(patients) if i != out]) for out in range(patients)])
    return {'truths': truths.tolist(), 'probabilities': p.tolist(), 'patient': patient.tolist(), 'draws': draws.tolist(), 'point': point.tolist(),
            'replicates': [[None if np.isnan(v) else float(v) for v in row] for row in samples[:4]],
            'bca': [bca(point[i], samples[:, i], left[:, i]).tolist() for i in range(len(point))]}


class Stated(ClassifierMixin, BaseEstimator):
    """A model whose probabilities are its inputs."""
    classes_ = np.arange(2)

    def fit(self, x, y):
        return self

    def predict_proba(self, x):
        return np.asarray(x)

    def predict(self, x):
        return np.asarray(x).argmax(1)

    def __sklearn_is_fitted__(self):
        return True


def sets(miss, n=60, m=40):
    """One finding: MAPIE on the calibrating images that show it, and on those that do not (the label-conditional predictor is one for each label)."""
    fit_y, test_y = rng.random(n) < 0.3, rng.random(m) < 0.3
    draw = lambda y: np.round(1 / (1 + np.exp(-rng.normal(size=len(y)) - 2 * y + 1)), 3)
    fit_p, test_p = draw(fit_y), draw(test_y)
    rows = lambda p: np.stack([1 - p, p], 1)
    answers, thresholds = [], []
    for label in (0, 1):
        mine = fit_y == label
        # MAPIE wants both labels to be there: a score of all that it sees is what it takes.
        model = SplitConformalClassifier(Stated(), confidence_level=1 - miss, conformity_score='lac', prefit=True)
        model.conformalize(rows(fit_p[mine]), np.full(mine.sum(), label))
        model.predict_set(rows(test_p))
        thresholds.append(float(np.ravel(model._mapie_classifier.quantiles_)[0]))
        answers.append(1 - rows(test_p)[:, label] <= thresholds[-1] + 1e-12)
        rank = int(np.ceil(round((mine.sum() + 1) * (1 - miss), 9)))
        assert np.isclose(np.sort(1 - rows(fit_p[mine])[:, label])[rank - 1], thresholds[-1]), 'Vovk 2012'
    absent, present = answers
    held = np.where(test_y, present, absent)
    return {'miss': miss, 'fit': {'present': fit_y.tolist(), 'probabilities': fit_p.tolist()}, 'test': {'present': test_y.tolist(), 'probabilities': test_p.tolist()},
            'thresholds': thresholds, 'coverage': [held.mean(), held[test_y].mean(), held[~test_y].mean()],
            'said': [float((present & ~absent).mean()), float((absent & ~present).mean()), float((absent & present).mean()), float((~absent & ~present).mean())]}


json.dump({'scikit-learn': sklearn.__version__, 'mapie': mapie.__version__, 'intervals': intervals(), 'sets': [sets(0.1), sets(0.2)]}, sys.stdout)
