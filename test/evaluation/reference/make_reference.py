"""Reference values for the evaluation tests, from scikit-learn. Run: python make_reference.py > reference.json"""
import json
import sys

import numpy as np
import sklearn
from sklearn.metrics import (accuracy_score, average_precision_score, balanced_accuracy_score, cohen_kappa_score, brier_score_loss, confusion_matrix, f1_score,
                             hamming_loss, log_loss, precision_recall_fscore_support, roc_auc_score, roc_curve)


def case(name, labels, probabilities):
    labels = np.asarray(labels)
    p = np.asarray(probabilities, dtype=np.float64)
    k = p.shape[1]
    predicted = p.argmax(axis=1)
    macro = precision_recall_fscore_support(labels, predicted, average='macro', zero_division=0)
    each = precision_recall_fscore_support(labels, predicted, labels=range(k), zero_division=0)
    aucs = [float(roc_auc_score(labels == c, p[:, c])) if 0 < (labels == c).sum() < len(labels) else None for c in range(k)]
    hot = np.eye(k)[labels]
    return {
        'name': name, 'labels': labels.tolist(), 'probabilities': p.tolist(),
        'accuracy': accuracy_score(labels, predicted),
        'balancedAccuracy': balanced_accuracy_score(labels, predicted),
        'precision': macro[0], 'recall': macro[1], 'f1': macro[2],
        'perClass': {'precision': each[0].tolist(), 'recall': each[1].tolist(), 'f1': each[2].tolist(),
                     'support': each[3].tolist(), 'auc': aucs},
        'averagePrecision': [float(average_precision_score(labels == c, p[:, c])) if (labels == c).any() else None for c in range(k)],
        # Of the labels against what the probabilities say, as if by two readers.
        'kappa': float(cohen_kappa_score(labels, predicted)) if len(set(labels) | set(predicted)) > 1 else None,
        'auc': (float(roc_auc_score(labels, p[:, 1])) if k == 2 else float(roc_auc_score(labels, p, multi_class='ovr')))
        if None not in aucs else None,
        'confusion': confusion_matrix(labels, predicted, labels=range(k)).tolist(),
        'logLoss': log_loss(labels, p, labels=range(k)),
        'brier': float(((p - hot) ** 2).sum(axis=1).mean()),
        'roc': np.stack(roc_curve(labels == 1, p[:, 1], drop_intermediate=False)[:2], axis=1).tolist()
        if 0 < (labels == 1).sum() < len(labels) else [],
    }


rng = np.random.default_rng(7)


def draw(n, k, ties=False):
    labels = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k)) + 1.2 * np.eye(k)[labels]
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    if ties:  # few distinct values, equal maxima among them
        p = np.round(p * 4) + 1
        p /= p.sum(axis=1, keepdims=True)
    return labels, p


cases = [case('three classes', *draw(60, 3)), case('two classes', *draw(40, 2)), case('ties', *draw(50, 3, ties=True))]
labels, p = draw(20, 3)
cases.append(case('a class nobody has', np.where(labels == 2, 0, labels), p))
cases.append(case('one class only', np.zeros(5, dtype=int), p[:5]))
cases.append(case('two images', [0, 1], [[0.5, 0.5], [0.25, 0.75]]))
# Findings: an image has any number of them; -1 is not known. scikit-learn has no such answers: each finding is judged on those that are known.
truths = (rng.uniform(size=(80, 3)) < [0.4, 0.15, 0.3]).astype(int)
p = np.round(1 / (1 + np.exp(-(rng.normal(size=(80, 3)) + 1.5 * truths - 0.75))), 2)
unknown = rng.uniform(size=(80, 3)) < 0.1
said = (p >= 0.5).astype(int)
known = ~unknown


def finding(c):
    t, q, s = truths[known[:, c], c], p[known[:, c], c], said[known[:, c], c]
    one = precision_recall_fscore_support(t, s, average='binary')
    fpr, tpr, at = roc_curve(t, q, drop_intermediate=False)
    return {'auc': roc_auc_score(t, q), 'averagePrecision': average_precision_score(t, q), 'precision': one[0], 'recall': one[1],
            'f1': one[2], 'specificity': precision_recall_fscore_support(1 - t, 1 - s, average='binary')[1],
            'balancedAccuracy': balanced_accuracy_score(t, s), 'youden': float(at[(tpr - fpr).argmax()])}


each = [finding(c) for c in range(3)]
macro = {name: float(np.mean([one[name] for one in each])) for name in ('auc', 'averagePrecision', 'precision', 'recall', 'f1', 'balancedAccuracy')}
findings = {
    'truths': np.where(unknown, -1, truths).tolist(), 'probabilities': p.tolist(), 'perFinding': each, 'macro': macro,
    'microF1': f1_score(truths[known], said[known]), 'accuracy': accuracy_score(truths[known], said[known]),
    # An unknown answer is right whatever was said: filled in with it.
    'subsetAccuracy': accuracy_score(np.where(unknown, said, truths), said),
    'brier': brier_score_loss(truths[known], p[known]), 'logLoss': log_loss(truths[known], p[known]),
    # Where all is known, its own multi-label functions.
    'complete': {'hammingLoss': hamming_loss(truths, said), 'subsetAccuracy': accuracy_score(truths, said),
                 'f1': f1_score(truths, said, average='macro'), 'microF1': f1_score(truths, said, average='micro'),
                 'auc': roc_auc_score(truths, p, average='macro'), 'averagePrecision': average_precision_score(truths, p, average='macro'),
                 'truths': truths.tolist()},
}
json.dump({'findings': findings, 'scikit-learn': sklearn.__version__, 'cases': cases}, sys.stdout)
