"""Metrics of the cases in reference.json, from scikit-learn and numpy. Run: python make_metrics.py > metrics.json, and npm run format"""
import json
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn.calibration import calibration_curve
from sklearn.metrics import (average_precision_score, brier_score_loss, cohen_kappa_score, log_loss, matthews_corrcoef,
                             multilabel_confusion_matrix, precision_recall_fscore_support, roc_auc_score)

cases = json.loads((Path(__file__).parent / 'reference.json').read_text())['cases']


def curve(came, stated, bins, strategy):
    accuracy, confidence = calibration_curve(came, stated, n_bins=bins, strategy=strategy)
    # How many cases each bin holds is not told: the same edges, counted.
    edges = np.linspace(0, 1, bins + 1) if strategy == 'uniform' else np.percentile(stated, np.linspace(0, 1, bins + 1) * 100)
    counts = np.bincount(np.searchsorted(edges[1:-1], stated), minlength=bins)
    counts = counts[counts > 0]
    assert len(counts) == len(accuracy)
    return [{'confidence': c, 'accuracy': a, 'count': int(n)} for c, a, n in zip(confidence, accuracy, counts)]


def gap(bins):
    n = sum(b['count'] for b in bins)
    return sum(b['count'] / n * abs(b['accuracy'] - b['confidence']) for b in bins)


def averaged(labels, predicted, average):
    precision, recall, f1, _ = precision_recall_fscore_support(labels, predicted, average=average, zero_division=0)
    each = multilabel_confusion_matrix(labels, predicted)
    tn, fp, fn, tp = each[:, 0, 0], each[:, 0, 1], each[:, 1, 0], each[:, 1, 1]
    if average == 'micro':
        specificity = tn.sum() / (tn + fp).sum() if (tn + fp).sum() else 0
    else:
        specificity = np.average(np.divide(tn, tn + fp, out=np.zeros(len(tn)), where=tn + fp > 0),
                                 weights=tp + fn if average == 'weighted' else None)
    return {'precision': precision, 'recall': recall, 'specificity': float(specificity), 'f1': f1}


def of(case):
    labels, p = np.asarray(case['labels']), np.asarray(case['probabilities'])
    k = p.shape[1]
    predicted = p.argmax(1)
    hot = np.eye(k)[labels]
    whole = len(set(labels)) == k
    varied = len(set(labels)) > 1 and len(set(predicted)) > 1
    kappas = len(set(labels) | set(predicted)) > 1
    score = lambda **how: float(roc_auc_score(labels, p if k > 2 else p[:, 1], **how)) if whole else None
    confidence, right = p.max(1), predicted == labels
    ace = lambda: float(np.mean([abs(b['accuracy'] - b['confidence'])
                                 for c in range(k) for b in curve(labels == c, p[:, c], 5, 'quantile')]))
    return {
        'name': case['name'],
        'averages': {how: averaged(labels, predicted, how) for how in ('macro', 'micro', 'weighted')},
        'matthews': float(matthews_corrcoef(labels, predicted)) if varied else None,
        'kappa': {str(w): float(cohen_kappa_score(labels, predicted, labels=range(k), weights=None if w == 'none' else w)) if kappas else None
                  for w in ('none', 'linear', 'quadratic')},
        'ovr': {how: score(multi_class='ovr', average=how) for how in ('macro', 'weighted')},
        'ovo': {how: score(multi_class='ovo', average=how) for how in ('macro', 'weighted')},
        'averagePrecision': {how: float(average_precision_score(hot, p, average=how)) if whole else None for how in ('macro', 'weighted')},
        'brier': float(((p - hot) ** 2).sum(1).mean()),
        'binaryBrier': float(brier_score_loss(labels == 1, p[:, 1], pos_label=True)),
        'logLoss': float(log_loss(labels, p, labels=range(k))),
        'curves': {how: curve(right, confidence, 5, how) for how in ('uniform', 'quantile')},
        'ece': {how: gap(curve(right, confidence, 5, how)) for how in ('uniform', 'quantile')},
        'ace': ace(),
    }


json.dump({'scikit-learn': sklearn.__version__, 'cases': [of(case) for case in cases]}, sys.stdout)
