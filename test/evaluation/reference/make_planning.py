"""Sample sizes and learning curves, from scipy and in numpy. Run: python make_planning.py > planning.json, and npm run format"""
import json
import sys

import numpy as np
import scipy
from scipy.optimize import brentq, curve_fit
from scipy.stats import norm, rankdata, t as student

rng = np.random.default_rng(41)


def paired_power(n, delta, psi, alpha=0.05):
    return norm.cdf((abs(delta) * np.sqrt(n) - norm.ppf(1 - alpha / 2) * np.sqrt(psi)) / np.sqrt(psi - delta ** 2))


def connor(delta, psi, alpha=0.05, power=0.8):
    return int(np.ceil((norm.ppf(1 - alpha / 2) * np.sqrt(psi) + norm.ppf(power) * np.sqrt(psi - delta ** 2)) ** 2 / delta ** 2))


def accuracies():
    out = []
    for delta, psi, alpha, power in ((0.05, 0.15, 0.05, 0.8), (0.1, 0.3, 0.05, 0.9), (0.02, 0.1, 0.01, 0.8), (-0.1, 0.12, 0.05, 0.8), (0.2, 0.25, 0.05, 0.95)):
        n = connor(delta, psi, alpha, power)
        at = lambda d: paired_power(150, d, psi, alpha) - power
        out.append({'difference': delta, 'discordant': psi, 'alpha': alpha, 'power': power, 'patients': n, 'powerOf100': float(paired_power(100, delta, psi, alpha)),
                    'detectableWith150': float(brentq(at, 1e-9, psi - 1e-12, xtol=1e-14)) if at(psi - 1e-12) >= 0 else None})
    return out


def variance(auc, m, n, model):
    if model == 'binormal':
        a = 1.414 * norm.ppf(auc)
        return 0.0099 * np.exp(-a ** 2 / 2) * ((5 * a ** 2 + 8) + (a ** 2 + 8) / (n / m)) / m
    q1, q2 = auc / (2 - auc), 2 * auc ** 2 / (1 + auc)
    return (auc * (1 - auc) + (m - 1) * (q1 - auc ** 2) + (n - 1) * (q2 - auc ** 2)) / (m * n)


def areas():
    out = []
    for first, second, ratio, r, model in ((0.8, 0.87, 1, 0.5, 'exponential'), (0.8, 0.87, 1, 0.5, 'binormal'), (0.75, 0.9, 3, 0.3, 'exponential'), (0.9, 0.85, 0.5, 0.6, 'binormal')):
        def power(m, n, a=first, b=second):
            va, vb = variance(a, m, n, model), variance(b, m, n, model)
            alike = np.sqrt(2 * variance((a + b) / 2, m, n, model) * (1 - r))
            return norm.cdf((abs(a - b) - norm.ppf(0.975) * alike) / np.sqrt(va + vb - 2 * r * np.sqrt(va * vb)))
        negatives = lambda m: int(np.ceil(m * ratio - 1e-9))
        m = next(m for m in range(1, 10 ** 6) if power(m, negatives(m)) >= 0.8)
        precise = next(m for m in range(1, 10 ** 6) if norm.ppf(0.975) * np.sqrt(variance(first, m, negatives(m), model)) <= 0.05)
        at = lambda d: power(80, 120, first, first + d) - 0.8
        out.append({'first': first, 'second': second, 'negativesPerPositive': ratio, 'correlation': r, 'model': model,
                    'variance': float(variance(first, 40, 70, model)), 'powerOf60And90': float(power(60, 90)), 'positives': m, 'negatives': negatives(m),
                    'precisePositives': precise, 'detectableWith80And120': float(brentq(at, 1e-9, 1 - 1e-9 - first, xtol=1e-14))})
    return out


def curve(name, n, ceiling, gain, rate, noise, plain=False):
    n = np.array(n, float)
    y = np.round(ceiling - gain * n ** -rate + noise * rng.normal(size=len(n)), 5)
    weights = np.ones(len(n)) if plain else rankdata(n) / len(n)
    f = lambda x, a, b, c: a - b * x ** -c
    best, cov = curve_fit(f, n, y, p0=[ceiling, gain, rate], sigma=1 / np.sqrt(weights), absolute_sigma=False, xtol=1e-15, ftol=1e-15, gtol=1e-15, maxfev=100000,
                          jac=lambda x, a, b, c: np.stack([np.ones_like(x), -x ** -c, b * x ** -c * np.log(x)], axis=1))
    at = []
    for x in (n.max(), 3 * n.max()):
        g = np.array([1, -x ** -best[2], best[1] * x ** -best[2] * np.log(x)])
        half = student.ppf(0.975, len(n) - 3) * np.sqrt(g @ cov @ g)
        at.append({'cases': float(x), 'score': float(f(x, *best)), 'low': float(f(x, *best) - half), 'high': float(f(x, *best) + half)})
    target = float(best[0] - 0.02)
    return {'name': name, 'cases': n.tolist(), 'scores': y.tolist(), 'weights': weights.tolist() if plain else None, 'best': best.tolist(),
            'errors': np.sqrt(np.diag(cov)).tolist(), 'at': at, 'target': target, 'casesFor': int(np.ceil((best[1] / 0.02) ** (1 / best[2])))}


curves = [curve('eight sizes', [20, 40, 80, 120, 160, 240, 320, 400], 0.92, 1.4, 0.6, 0.003),
          curve('plain weights', [20, 40, 80, 120, 160, 240, 320, 400], 0.85, 2.0, 0.8, 0.004, plain=True),
          curve('sizes twice, not in order', [200, 50, 100, 400, 50, 100, 200, 400], 0.95, 0.9, 0.5, 0.002)]
json.dump({'scipy': scipy.__version__, 'accuracies': accuracies(), 'areas': areas(), 'curves': curves}, sys.stdout)
