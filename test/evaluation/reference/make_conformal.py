"""Prediction sets, from MAPIE where it has the method as it was published, else in numpy. Run: python make_conformal.py > conformal.json, and npm run format"""
import json
import sys

import mapie
import numpy as np
from mapie.classification import SplitConformalClassifier
from mapie.metrics.classification import classification_coverage_score, classification_mean_width_score
from sklearn.base import BaseEstimator, ClassifierMixin

rng = np.random.default_rng(31)
LEVELS = [0.8, 0.9]


class Stated(ClassifierMixin, BaseEstimator):
    """A model whose probabilities are its inputs."""
    def __init__(self, classes=3):
        self.classes = classes
        self.classes_ = np.arange(classes)

    def fit(self, x, y):
        return self

    def predict_proba(self, x):
        return np.asarray(x)

    def predict(self, x):
        return np.asarray(x).argmax(1)

    def __sklearn_is_fitted__(self):
        return True


def draw(n, k, coarse):
    labels = rng.integers(0, k, n)
    p = np.exp(rng.normal(size=(n, k)) + 1.3 * np.eye(k)[labels])
    p = np.round(p / p.sum(1, keepdims=True) * (8 if coarse else 1e4)) + 1
    return labels, p / p.sum(1, keepdims=True)


def score(kind, row, k, share, penalty=0.1, free=1):
    """Romano et al. 2020 and Angelopoulos et al. 2021, sorted as in their code; equal probabilities in the order of classes."""
    if kind == 'lac':
        return 1 - row[k]
    order = np.argsort(-row, kind='stable')
    rank = int(np.flatnonzero(order == k)[0])
    return row[order[:rank]].sum() + share * row[k] + (penalty * max(0, rank + 1 - free) if kind == 'raps' else 0)


def quantile(scores, level):
    rank = int(np.ceil(round((len(scores) + 1) * level, 9)))
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else None


def in_numpy(kind, fit, test, k, level, shares, by_class):
    labels, p = fit
    scores = np.array([score(kind, row, y, u) for row, y, u in zip(p, labels, shares[0])])
    thresholds = [quantile(scores[labels == c] if by_class else scores, level) for c in range(k)]
    # A set as a number: bit c for class c.
    sets = [sum(1 << c for c in range(k) if thresholds[c] is None or score(kind, row, c, u) <= thresholds[c] + 1e-12)
            for row, u in zip(test[1], shares[1])]
    return {'kind': kind, 'miss': round(1 - level, 9), 'byClass': by_class, 'thresholds': thresholds, 'sets': sets}


def by_mapie(fit, test, k, name, seed=None):
    model = SplitConformalClassifier(Stated(k), confidence_level=LEVELS, conformity_score=name, prefit=True, random_state=seed)
    model.conformalize(fit[1], fit[0])
    sets = model.predict_set(test[1])[1]
    return [float(q) for q in np.ravel(model._mapie_classifier.quantiles_)], sets


def case(name, n, k, coarse=False):
    fit, test = draw(n, k, coarse), draw(25, k, coarse)
    whole = (np.ones(n), np.ones(25))
    # MAPIE takes off the share that it draws; ours is what is left.
    seeded = (1 - np.random.RandomState(4).uniform(size=n), rng.random(25).round(4))
    out = {'name': name, 'fit': {'labels': fit[0].tolist(), 'probabilities': fit[1].tolist()},
           'test': {'labels': test[0].tolist(), 'probabilities': test[1].tolist()}, 'shares': [s.tolist() for s in seeded],
           'whole': [in_numpy(kind, fit, test, k, level, whole, by_class) for kind in ('lac', 'aps', 'raps') for level in LEVELS for by_class in (False, True)],
           'drawn': [in_numpy(kind, fit, test, k, level, seeded, False) for kind in ('aps', 'raps') for level in LEVELS]}
    if n >= 20:
        thresholds, sets = by_mapie(fit, test, k, 'lac')
        out['mapieLac'] = [{'miss': round(1 - level, 9), 'threshold': t, 'sets': (sets[:, :, i] @ (1 << np.arange(k))).tolist(),
                            'coverage': float(classification_coverage_score(test[0], sets)[i]), 'meanSize': float(classification_mean_width_score(sets)[i])}
                           for i, (level, t) in enumerate(zip(LEVELS, thresholds))]
    if n >= 20 and not coarse:  # of equal probabilities MAPIE takes the last class first
        out['mapieAps'] = [{'miss': round(1 - level, 9), 'threshold': t} for level, t in zip(LEVELS, by_mapie(fit, test, k, 'aps', seed=4)[0])]
    return out


json.dump({'mapie': mapie.__version__, 'cases': [case('sixty cases', 60, 4), case('ties', 40, 3, coarse=True), case('five cases', 5, 3)]}, sys.stdout)
