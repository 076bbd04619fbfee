# SPDX-License-Identifier: Apache-2.0
"""Estimators, from scikit-learn 1.9: logistic regressions by Newton's method, to more digits than L-BFGS finds."""

import warnings

import numpy as np
import sklearn
import torch
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

from golden_file import GoldenFile


def _tensor(values):
    return torch.from_numpy(np.array(values))


def _doubles(value):
    return torch.tensor([value], dtype=torch.float64)


def _logistic(golden, name, x, y, class_weight=None, penalty="l2", **options):
    sklearn_options = dict(options, C=np.inf) if penalty == "none" else options
    model = LogisticRegression(solver="newton-cholesky", tol=1e-13, max_iter=1000, class_weight=class_weight,
                               **sklearn_options).fit(x, y)
    weights = None if class_weight in (None, "balanced") else [v for item in class_weight.items() for v in item]
    golden.case("logistic/" + name, dict(
        x=_tensor(x), y=_tensor(y), coef=_tensor(model.coef_),
        intercept=_tensor(np.broadcast_to(model.intercept_, len(model.coef_))), classes=_tensor(model.classes_),
        decision=_tensor(model.decision_function(x)), proba=_tensor(model.predict_proba(x)),
        log_proba=_tensor(model.predict_log_proba(x)), prediction=_tensor(model.predict(x)),
        score=_doubles(model.score(x, y))),
        penalty=penalty, balanced=class_weight == "balanced" or None, class_weight=weights, **options)


def _logistic_cases(golden, random):
    x = random.standard_normal((90, 4)) * [1, 3, 0.5, 1] + [0, 1, -2, 0]
    two = (x @ [1, -0.5, 2, 0] + 3 + 2 * random.standard_normal(90) > 0).astype(np.int64)
    three = np.argmax(x @ random.standard_normal((4, 3)) + 2 * random.standard_normal((90, 3)), 1) * 4 - 1
    for name, y, weight in (("two", two, {0: 0.5, 1: 3.0}), ("three", three, {-1: 0.25, 7: 2.0})):
        _logistic(golden, name + "/default", x, y)
        _logistic(golden, name + "/weak_penalty", x, y, C=50.0)
        _logistic(golden, name + "/strong_penalty", x, y, C=0.01)
        _logistic(golden, name + "/no_intercept", x, y, fit_intercept=False)
        _logistic(golden, name + "/no_penalty", x, y, penalty="none")
        _logistic(golden, name + "/balanced", x, y, class_weight="balanced")
        _logistic(golden, name + "/weights", x, y, class_weight=weight)
        _logistic(golden, name + "/weights_no_penalty", x, y, class_weight=weight, penalty="none")
    separable = np.array([[0.0], [1], [2], [3]])
    _logistic(golden, "separable", separable, np.array([0, 0, 1, 1]))
    _logistic(golden, "more_features_than_samples", random.standard_normal((6, 20)), np.array([0, 1, 2, 0, 1, 2]))


def _linear(golden, kind, name, model, x, y, **options):
    model.fit(x, y)
    golden.case(f"{kind}/{name}", dict(
        x=_tensor(x), y=_tensor(y), coef=_tensor(np.asarray(model.coef_)),
        intercept=_tensor(np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64), y.shape[1:])),
        prediction=_tensor(model.predict(x)), score=_doubles(model.score(x, y))),
        rank=getattr(model, "rank_", None), **options)


def _linear_cases(golden, random):
    x = random.standard_normal((50, 5)) * [1, 10, 0.1, 1, 1] + [0, 100, 0, -3, 5]
    one = x @ random.standard_normal(5) + random.standard_normal(50) + 7
    many = x @ random.standard_normal((5, 3)) + random.standard_normal((50, 3))
    dependent = np.hstack([x, x[:, :1] + x[:, 1:2], np.ones((50, 1)), x[:, 3:4]])
    wide = random.standard_normal((6, 11))
    for name, a, y in (("one", x, one), ("many", x, many), ("dependent", dependent, one), ("wide", wide, one[:6]),
                       ("wide_many", wide, many[:6])):
        for fit_intercept in (True, False):
            kind = name + ("" if fit_intercept else "_no_intercept")
            _linear(golden, "linear", kind, LinearRegression(fit_intercept=fit_intercept), a, y,
                    fit_intercept=fit_intercept)
            for alpha in (0.01, 1.0, 100.0):
                _linear(golden, "ridge", f"{kind}_{alpha}",
                        Ridge(alpha=alpha, fit_intercept=fit_intercept, solver="svd"), a, y,
                        fit_intercept=fit_intercept, alpha=alpha)


def make():
    assert tuple(map(int, sklearn.__version__.split(".")[:2])) >= (1, 9), "estimators.py needs scikit-learn 1.9"
    warnings.simplefilter("ignore")
    random = np.random.default_rng(23)
    golden = GoldenFile()
    golden.metadata["made_by"] += ", scikit-learn " + sklearn.__version__
    _logistic_cases(golden, random)
    _linear_cases(golden, random)
    golden.write("estimators.safetensors.gz")
