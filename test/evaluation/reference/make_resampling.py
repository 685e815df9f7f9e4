"""Bootstrap by patient on given draws, from scikit-learn, scipy and numpy. Run: python make_resampling.py > resampling.json, and npm run format"""
import json
import sys

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, f1_score, recall_score, roc_auc_score

NAMES = ['accuracy', 'macroF1', 'macroAuc', 'brier', 'ece']
rng = np.random.default_rng(5)


def ece(labels, p):
    stated, right = p.max(1), p.argmax(1) == labels
    accuracy, confidence = calibration_curve(right, stated, n_bins=10)
    counts = np.bincount(np.searchsorted(np.linspace(0, 1, 11)[1:-1], stated))
    return float((counts[counts > 0] / len(labels) * abs(accuracy - confidence)).sum())


def metrics(labels, p):
    k = p.shape[1]
    auc = np.nan
    if len(set(labels)) == k:
        auc = roc_auc_score(labels, p[:, 1] if k == 2 else p, multi_class='ovr')
    return [accuracy_score(labels, p.argmax(1)), f1_score(labels, p.argmax(1), average='macro', zero_division=0), auc,
            ((p - np.eye(k)[labels]) ** 2).sum(1).mean(), ece(labels, p)]


def bca(point, samples, left, level=0.95):
    """Efron 1987, equations 14.9 to 14.15 of Efron and Tibshirani (1993); ties as scipy, up to rounding."""
    samples = samples[~np.isnan(samples)]
    z0 = stats.norm.ppf(((samples < point - 1e-12).sum() + (samples <= point + 1e-12).sum()) / (2 * len(samples)))
    d = left.mean() - left
    a = (d ** 3).sum() / (6 * (d ** 2).sum() ** 1.5)
    z = z0 + stats.norm.ppf([(1 - level) / 2, (1 + level) / 2])
    return np.percentile(samples, 100 * stats.norm.cdf(z0 + z / (1 - a * z)))


def clean(values):
    return [None if np.isnan(v) else float(v) for v in values]


def case(name, images, patients, k, replicates, coarse=False):
    labels = rng.integers(0, k, images)
    logits = rng.normal(size=(images, k)) + 1.2 * np.eye(k)[labels]
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    if coarse:
        p = np.round(4 * p) + 1
        p /= p.sum(1, keepdims=True)
    patient = np.arange(images) % patients
    of = [np.flatnonzero(patient == i) for i in range(patients)]
    draws = rng.integers(0, patients, (replicates, patients))
    take = lambda who: (lambda at: metrics(labels[at], p[at]))(np.concatenate([of[i] for i in who]))
    point = np.array(take(range(patients)))
    samples = np.array([take(d) for d in draws])
    left = np.array([take([i for i in range(patients) if i != out]) for out in range(patients)])
    return {
        'name': name, 'labels': labels.tolist(), 'probabilities': p.tolist(), 'patient': patient.tolist(), 'draws': draws.tolist(),
        'point': clean(point), 'firstReplicates': [clean(row) for row in samples[:5]],
        'percentile': [np.percentile(c[~np.isnan(c)], [2.5, 97.5]).tolist() for c in samples.T],
        'bca': [bca(point[i], samples[:, i], left[:, i]).tolist() for i in range(len(NAMES))],
    }


def at_threshold(images=30, patients=10, replicates=60, threshold=0.5):
    positive = np.arange(images) % 3 == 0
    scores = np.round(rng.normal(0.4 + 0.2 * positive, 0.25), 2)
    patient = np.arange(images) % patients
    of = [np.flatnonzero(patient == i) for i in range(patients)]
    draws = rng.integers(0, patients, (replicates, patients))

    def values(who):
        at = np.concatenate([of[i] for i in who])
        y, s = positive[at], scores[at] >= threshold
        rate = lambda right, among: recall_score(right, among, zero_division=np.nan)
        return [rate(y, s), rate(~y, ~s), rate(s, y), rate(~s, ~y), (rate(y, s) + rate(~y, ~s)) / 2, f1_score(y, s, zero_division=np.nan)]

    samples = np.array([values(d) for d in draws])
    return {'scores': scores.tolist(), 'positive': positive.tolist(), 'patient': patient.tolist(), 'threshold': threshold, 'draws': draws.tolist(),
            'point': clean(values(range(patients))), 'percentile': [np.nanpercentile(c, [2.5, 97.5]).tolist() for c in samples.T]}


def by_scipy(n=24, replicates=80):
    """One image for each patient: scipy's own BCa on the very same resamples."""
    labels = np.arange(n) % 2
    p = np.round(np.clip(0.5 + 0.18 * (2 * labels - 1) + rng.normal(0, 0.2, n), 0.01, 0.99), 3)
    statistics = {'accuracy': lambda y, q: np.mean((q > 0.5) == y), 'macroAuc': lambda y, q: roc_auc_score(y, q),
                  'brier': lambda y, q: np.mean(2 * (q - y) ** 2)}
    draws = np.random.default_rng(3).integers(0, n, (replicates, n))
    out = {}
    for name, of in statistics.items():
        result = {}
        for method in ('percentile', 'BCa'):
            found = stats.bootstrap((labels, p), of, paired=True, vectorized=False, n_resamples=replicates, method=method,
                                    rng=np.random.default_rng(3))
            assert np.allclose(found.bootstrap_distribution, [of(labels[d], p[d]) for d in draws])
            result[method.lower()] = [float(found.confidence_interval.low), float(found.confidence_interval.high)]
        out[name] = result
    return {'labels': labels.tolist(), 'probabilities': p.tolist(), 'draws': draws.tolist(), 'intervals': out}


json.dump({'scipy': scipy.__version__, 'scikit-learn': sklearn.__version__,
           'cases': [case('three classes', 36, 12, 3, 60), case('two classes, ties', 30, 10, 2, 60, coarse=True)], 'scipyBootstrap': by_scipy(), 'threshold': at_threshold()}, sys.stdout)
