"""A cross-validation by scikit-learn, and the corrected t-test as its example "Statistical comparison of models using grid search" writes it.
Run: python make_cross_validation.py > cross-validation.json, and npm run format"""
import json
import sys

import numpy as np
import scipy
import sklearn
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score, precision_recall_fscore_support, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import KNeighborsClassifier

rng = np.random.default_rng(28)
CLASSES = 3


def metrics(truth, p):
    predicted = p.argmax(axis=1)
    precision, recall, f1, _ = precision_recall_fscore_support(truth, predicted, average='macro', zero_division=0)
    return {'accuracy': accuracy_score(truth, predicted), 'balancedAccuracy': balanced_accuracy_score(truth, predicted), 'precision': precision,
            'recall': recall, 'f1': f1, 'auc': roc_auc_score(truth, p, multi_class='ovr', average='macro')}


def corrected(differences, n_train, n_test):
    j = len(differences)
    std = np.sqrt(np.var(differences, ddof=1) * (1 / j + n_test / n_train))
    statistic = np.mean(differences) / std
    half = student.ppf(0.975, j - 1) * std
    return {'mean': np.mean(differences), 'low': np.mean(differences) - half, 'high': np.mean(differences) + half, 'pValue': 2 * student.sf(abs(statistic), j - 1)}


patients = 45
label = rng.integers(0, CLASSES, patients)
group = np.repeat(np.arange(patients), rng.integers(1, 4, patients))
truth = label[group]
x = rng.normal(size=(len(group), 4)) + np.eye(CLASSES, 4)[truth] * 1.2
models = {'probe': KNeighborsClassifier(7), 'fine-tuned': LogisticRegression(C=0.3)}
fold = np.zeros(len(group), int)
answers = {name: np.zeros((len(group), CLASSES)) for name in models}
sides = []
for k, (train, test) in enumerate(StratifiedGroupKFold(5).split(x, truth, group)):
    fold[test] = k
    sides.append({'learned': len(set(group[train])), 'judged': len(set(group[test]))})
    for name, model in models.items():
        # Single precision, as predictions are kept.
        answers[name][test] = np.round(model.fit(x[train], truth[train]).predict_proba(x[test]), 4)
of_folds = [{name: metrics(truth[fold == k], p[fold == k] / p[fold == k].sum(axis=1, keepdims=True)) for name, p in answers.items()} for k in range(5)]
ratio = np.mean([one['judged'] / one['learned'] for one in sides])
names = list(of_folds[0]['probe'])
differences = {m: corrected([one['fine-tuned'][m] - one['probe'][m] for one in of_folds], 1, ratio) for m in names}
spread = {name: {m: {'mean': np.mean([one[name][m] for one in of_folds]), 'standardDeviation': np.std([one[name][m] for one in of_folds], ddof=1)} for m in names} for name in models}
tests = []
for differences_of, n_train, n_test in (([0.03, 0.01, 0.05, -0.01, 0.02], 80, 20), ([-0.12, -0.1], 50, 50), ([0.004, 0.002, 0.003, 0.0025, 0.0031, 0.0029, 0.0035, 0.0018, 0.0042, 0.0027], 900, 100), ([0.5, -0.5, 0.25], 10, 5)):
    tests.append({'differences': differences_of, 'ratio': n_test / n_train, **corrected(differences_of, n_train, n_test)})
json.dump({'scipy': scipy.__version__, 'sklearn': sklearn.__version__, 'classes': CLASSES, 'group': group.tolist(), 'truth': truth.tolist(), 'fold': fold.tolist(),
           'answers': {name: p.tolist() for name, p in answers.items()}, 'sides': sides, 'folds': of_folds, 'spread': spread, 'differences': differences,
           'pooled': {name: metrics(truth, p / p.sum(axis=1, keepdims=True)) for name, p in answers.items()}, 'tests': tests}, sys.stdout)
