"""Calibration fitted on validation data, from scikit-learn, scipy and statsmodels. Run: python make_calibration.py > calibration.json, and npm run format"""
import json
import sys

import numpy as np
import scipy
import sklearn
import statsmodels.api as sm
from scipy.optimize import brentq, minimize
from scipy.special import expit, log_softmax, softmax
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression

rng = np.random.default_rng(21)


def temperature(name, logits, labels):
    def slope(inverse):
        p = softmax(logits * inverse, axis=1)
        return ((p * logits).sum(1) - logits[np.arange(len(labels)), labels]).sum()
    found = 100.0 if slope(0.01) >= 0 else 0.01 if slope(100) <= 0 else 1 / brentq(slope, 0.01, 100, xtol=1e-15, rtol=1e-14)
    if 0.01 < found < 100:  # the root is where the loss is least
        loss = lambda t: -log_softmax(logits / t, axis=1)[np.arange(len(labels)), labels].mean()
        assert loss(found) <= min(loss(found * 1.001), loss(found / 1.001))
    return {'name': name, 'logits': logits.tolist(), 'labels': labels.tolist(), 'temperature': float(found),
            'probabilities': softmax(logits[:3] / found, axis=1).tolist()}


def temperatures():
    n = 50
    labels = rng.integers(0, 3, n)
    sure = np.round(4 * (rng.normal(size=(n, 3)) + 1.2 * np.eye(3)[labels]), 3)
    two = rng.integers(0, 2, 20)
    return [temperature('too sure', sure, labels), temperature('not sure enough', np.round(sure / 20, 4), labels),
            temperature('two classes', np.round(rng.normal(size=(20, 2)) + np.eye(2)[two], 3), two),
            temperature('always right', 3 * np.eye(3)[labels[:12]], labels[:12]),
            temperature('always wrong', 3 * np.eye(3)[(labels[:12] + 1) % 3], labels[:12]),
            temperature('one class only', np.round(sure[labels == 0][:6], 3), np.zeros(6, int))]


def platt(name, scores, positive):
    positive = np.asarray(positive, float)
    up, down = (positive.sum() + 1) / (positive.sum() + 2), 1 / ((1 - positive).sum() + 2)
    t = np.where(positive == 1, up, down)
    loss = lambda ab: (np.logaddexp(0, -(ab[0] * scores + ab[1])) + t * (ab[0] * scores + ab[1])).sum()
    gradient = lambda ab: np.array([((t - expit(-(ab[0] * scores + ab[1]))) * scores).sum(), (t - expit(-(ab[0] * scores + ab[1]))).sum()])
    exact = minimize(loss, [0, 0], jac=gradient, method='BFGS', options={'gtol': 1e-12, 'maxiter': 1000}).x
    a, b = _sigmoid_calibration(scores, positive)
    query = np.linspace(scores.min() - 1, scores.max() + 1, 7)
    # scikit-learn stops at a gradient of 1e-6: the same fit, to fewer digits.
    assert np.allclose([a, b], exact, atol=1e-3, rtol=1e-4), (name, a, b, exact)
    return {'name': name, 'scores': scores.tolist(), 'positive': [bool(v) for v in positive], 'slope': float(exact[0]), 'offset': float(exact[1]),
            'query': query.tolist(), 'scikitLearn': expit(-(a * query + b)).tolist()}


def slope(name, positive, p):
    odds = np.log(p / (1 - p))
    fit = sm.Logit(positive.astype(float), sm.add_constant(odds)).fit(disp=0, method='newton', tol=1e-14, maxiter=100)
    large = sm.GLM(positive.astype(float), np.ones(len(p)), family=sm.families.Binomial(), offset=odds).fit(tol=1e-14).params[0]
    z = ((positive - p) * (1 - 2 * p)).sum() / np.sqrt(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    return {'name': name, 'positive': [bool(v) for v in positive], 'probabilities': p.tolist(), 'intercept': float(fit.params[0]), 'slope': float(fit.params[1]),
            'interceptError': float(fit.bse[0]), 'slopeError': float(fit.bse[1]), 'inTheLarge': float(large),
            'observedToExpected': float(positive.sum() / p.sum()), 'z': float(z)}


def slopes():
    p = np.round(expit(rng.normal(-0.5, 1.5, 70)), 3).clip(0.001, 0.999)
    honest = rng.random(70) < p
    return [slope('right', honest, p), slope('too sure', honest, np.round(expit(2.5 * np.log(p / (1 - p)) + 0.5), 4).clip(0.0001, 0.9999)),
            slope('ties', honest, np.round(p, 1).clip(0.05, 0.95))]


def platts():
    positive = rng.random(60) < 0.4
    scores = np.round(rng.normal(size=60) + 1.5 * positive, 3)
    return [platt('sixty cases', scores, positive), platt('ties', np.round(scores), positive),
            platt('told apart', np.array([0.1, 0.2, 0.3, 0.7, 0.8]), [0, 0, 0, 1, 1]), platt('large scores', 40 * scores + 300, positive),
            platt('one side only', np.array([0.3, 0.9, 0.4]), [1, 1, 1])]


def isotonic(name, scores, positive):
    scores, positive = np.asarray(scores, float), np.asarray(positive, float)
    fit = IsotonicRegression(out_of_bounds='clip').fit(scores, positive)
    query = np.concatenate([np.linspace(scores.min() - 0.5, scores.max() + 0.5, 11), scores])
    return {'name': name, 'scores': scores.tolist(), 'positive': [bool(v) for v in positive], 'query': query.tolist(),
            'probabilities': fit.predict(query).tolist()}


def isotonics():
    positive = rng.random(50) < 0.4
    scores = np.round(rng.normal(size=50) + positive, 3)
    return [isotonic('fifty cases', scores, positive), isotonic('ties', np.round(scores), positive), isotonic('falling', [1, 2, 3, 4], [1, 1, 0, 0]),
            isotonic('told apart', [1, 2, 3, 4], [0, 0, 1, 1]), isotonic('one case', [0.3], [1]), isotonic('one side only', [0.1, 0.5, 0.2], [0, 0, 0])]


def one_versus_rest():
    labels = rng.integers(0, 3, 40)
    p = softmax(rng.normal(size=(40, 3)) + np.eye(3)[labels], axis=1).round(3)
    rows = softmax(2 * rng.normal(size=(8, 3)), axis=1).round(3)
    columns = np.stack([IsotonicRegression(out_of_bounds='clip').fit(p[:, k], labels == k).predict(rows[:, k]) for k in range(3)], axis=1)
    total = columns.sum(1, keepdims=True)
    return {'labels': labels.tolist(), 'probabilities': p.tolist(), 'rows': rows.tolist(),
            'calibrated': np.where(total > 0, columns / np.where(total > 0, total, 1), 1 / 3).tolist()}


json.dump({'scikit-learn': sklearn.__version__, 'scipy': scipy.__version__, 'temperature': temperatures(), 'platt': platts(), 'slopes': slopes(),
           'isotonic': isotonics(), 'oneVersusRest': one_versus_rest()}, sys.stdout)
