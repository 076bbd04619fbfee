# SPDX-License-Identifier: Apache-2.0
"""Metrics, from scikit-learn 1.9 (1.3 was the first with zero_division=nan)."""

import warnings

import numpy as np
import sklearn
import torch
from sklearn import metrics

from golden_file import GoldenFile

AVERAGES = ("micro", "macro", "weighted")


def _doubles(values):
    return torch.from_numpy(np.array(values, dtype=np.float64))


def _bytes(text):
    return torch.tensor(list(text.encode()), dtype=torch.uint8)


def _classes(golden, name, predicted, target, num_classes, labels=None, names=None):
    """Counts, and for each beta and zero_division the scores of the classes and their averages."""
    predicted, target = np.array(predicted, dtype=np.int64), np.array(target, dtype=np.int64)
    names = names or [str(c) for c in range(num_classes)]
    seen = labels or sorted(set(predicted) | set(target))
    tensors = dict(predicted=torch.from_numpy(predicted), target=torch.from_numpy(target),
                   counts=torch.from_numpy(metrics.confusion_matrix(target, predicted, labels=range(num_classes))),
                   accuracy=_doubles([metrics.accuracy_score(target, predicted)]))
    for zero in (0, 1, np.nan):
        for beta in (0, 0.5, 1, 2, np.inf):
            options = dict(beta=beta, labels=labels, zero_division=zero)
            key = f"beta{beta}_zero{zero}"
            p, r, f, support = metrics.precision_recall_fscore_support(target, predicted, **options)
            tensors[f"{key}_classes"] = _doubles([p, r, f, support])
            tensors[f"{key}_averages"] = _doubles([
                metrics.precision_recall_fscore_support(target, predicted, average=a, **options)[:3]
                for a in AVERAGES])
        for digits in (0, 2, 3, 15):
            tensors[f"report{digits}_zero{zero}"] = _bytes(metrics.classification_report(
                target, predicted, labels=labels, target_names=[names[c] for c in seen], digits=digits,
                zero_division=zero))
    if num_classes == 2:
        tensors["binary"] = _doubles([
            [metrics.precision_score(target, predicted, pos_label=p, zero_division=0),
             metrics.recall_score(target, predicted, pos_label=p, zero_division=0),
             metrics.f1_score(target, predicted, pos_label=p, zero_division=0),
             metrics.fbeta_score(target, predicted, beta=2, pos_label=p, zero_division=0)] for p in (0, 1)])
    golden.case("classes/" + name, tensors, num_classes=num_classes, labels=labels, names=names)


def _class_cases(golden, random):
    target = random.integers(0, 5, 200)
    noisy = np.where(random.random(200) < 0.6, target, random.integers(0, 5, 200))
    _classes(golden, "five", noisy, target, 5)
    _classes(golden, "names", noisy, target, 5, names=["a", "bird", "a_rather_long_name", "d", "größe"])
    _classes(golden, "some_labels", noisy, target, 5, labels=[3, 1])
    _classes(golden, "all_labels_reordered", noisy, target, 5, labels=[4, 2, 0, 1, 3])
    _classes(golden, "labels_not_seen", noisy, target, 7, labels=[6, 0, 1, 2, 3, 4, 5])
    _classes(golden, "labels_without_targets", [0, 1, 1], [0, 0, 0], 4, labels=[1, 2])
    _classes(golden, "never_predicted", [0, 0, 2, 2, 0, 0], [0, 1, 2, 1, 0, 2], 3)
    _classes(golden, "never_a_target", [0, 1, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2], 3)
    _classes(golden, "absent_class", [0, 3, 0, 3], [0, 3, 3, 3], 4)
    _classes(golden, "perfect", target, target, 5)
    _classes(golden, "all_wrong", (target + 1) % 5, target, 5)
    _classes(golden, "one_class", [2, 2, 2], [2, 2, 2], 3)
    _classes(golden, "one_sample", [1], [0], 2)
    binary = random.integers(0, 2, 50)
    _classes(golden, "binary", np.where(random.random(50) < 0.8, binary, 1 - binary), binary, 2)
    _classes(golden, "binary_no_positives", [0, 0, 1, 0], [0, 0, 0, 0], 2)
    _classes(golden, "binary_none_predicted", [0, 0, 0, 0], [0, 1, 0, 1], 2)


def _top_k(golden, random):
    scores, target = random.standard_normal((60, 7)), random.integers(0, 7, 60)
    golden.case("top_k", dict(
        scores=torch.from_numpy(scores), target=torch.from_numpy(target),
        accuracy=_doubles([metrics.top_k_accuracy_score(target, scores, k=k, labels=range(7)) for k in range(1, 8)])))


def _ranking(golden, name, scores, target, columns):
    """`target` (N) of classes, or (N, C) of zeros and ones."""
    scores, target = np.array(scores, dtype=np.float64), np.array(target, dtype=np.int64)
    tensors = dict(scores=torch.from_numpy(scores), target=torch.from_numpy(target))
    if scores.ndim == 1:
        of_class, column = target[:, None], scores[:, None]
    else:
        of_class = target if target.ndim == 2 else (target[:, None] == np.arange(columns)).astype(np.int64)
        column = scores
    for key, function in (("roc", metrics.roc_auc_score), ("precision", metrics.average_precision_score)):
        tensors[key + "_classes"] = _doubles([function(of_class[:, c], column[:, c]) for c in range(columns)])
        if columns > 1:
            tensors[key] = _doubles([function(of_class, column, average=a) for a in AVERAGES])
    golden.case("ranking/" + name, tensors)


def _ranking_cases(golden, random):
    target = random.integers(0, 2, 80)
    scores = target + 1.5 * random.standard_normal(80)
    _ranking(golden, "binary", scores, target, 1)
    _ranking(golden, "ties", np.round(scores), target, 1)
    _ranking(golden, "all_equal", np.zeros(9), [0, 1, 1, 0, 0, 0, 1, 0, 0], 1)
    _ranking(golden, "perfect", [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1)
    _ranking(golden, "inverted", [0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 1)
    _ranking(golden, "no_positives", [0.9, 0.8, 0.2], [0, 0, 0], 1)
    _ranking(golden, "no_negatives", [0.9, 0.8, 0.2], [1, 1, 1], 1)
    _ranking(golden, "far_apart", [-1e300, 1e-300, 0, 1e300], [0, 1, 0, 1], 1)
    target = random.integers(0, 4, 90)
    scores = random.standard_normal((90, 4)) + 1.2 * (target[:, None] == np.arange(4))
    scores = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    _ranking(golden, "classes", scores, target, 4)
    _ranking(golden, "classes_ties", np.round(scores, 1), target, 4)
    _ranking(golden, "absent_class", np.hstack([scores, np.full((90, 1), 0.1)]), target, 5)
    several = random.integers(0, 2, (40, 3))
    _ranking(golden, "labels", random.random((40, 3)) + 0.4 * several, several, 3)


def _log_loss(golden, name, p, target, classes):
    golden.case("log_loss/" + name, dict(
        p=torch.from_numpy(p), target=torch.from_numpy(np.array(target, dtype=np.int64)),
        loss=_doubles([metrics.log_loss(target, p, labels=range(classes))])))


def _log_loss_cases(golden, random):
    target = random.integers(0, 4, 50)
    p = random.random((50, 4))
    p /= p.sum(1, keepdims=True)
    _log_loss(golden, "classes", p, target, 4)
    _log_loss(golden, "float32", p.astype(np.float32), target, 4)
    _log_loss(golden, "binary", p[:, 0].copy(), target % 2, 2)
    _log_loss(golden, "ends", np.array([0.0, 1.0, 1.0, 0.0, 0.3]), [0, 1, 0, 1, 1], 2)
    _log_loss(golden, "ends_float32", np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32), [0, 1, 1], 3)
    _log_loss(golden, "one_class_of_two", np.array([0.2, 0.4]), [0, 0], 2)


def _regression(golden, name, prediction, target):
    prediction, target = np.asarray(prediction), np.asarray(target)
    tensors = dict(prediction=torch.from_numpy(prediction), target=torch.from_numpy(target))
    # In float64, also of float32 values: what is wanted is the right number.
    prediction, target = prediction.astype(np.float64), target.astype(np.float64)
    for key, function in (("mse", metrics.mean_squared_error), ("rmse", metrics.root_mean_squared_error),
                          ("mae", metrics.mean_absolute_error), ("r2", metrics.r2_score)):
        if key == "r2" and len(target) < 2:
            tensors["r2"] = tensors["r2_outputs"] = _doubles([np.nan])
            continue
        tensors[key] = _doubles([function(target, prediction)])
        tensors[key + "_outputs"] = _doubles(function(target, prediction, multioutput="raw_values"))
    if len(target) >= 2:
        tensors["r2_weighted"] = _doubles([metrics.r2_score(target, prediction, multioutput="variance_weighted")])
    golden.case("regression/" + name, tensors)


def _regression_cases(golden, random):
    target = random.standard_normal(70)
    _regression(golden, "one", target + 0.3 * random.standard_normal(70), target)
    wide = random.standard_normal((70, 3)) * [1, 10, 0.1] + [0, 5, -3]
    _regression(golden, "three", wide + 0.2 * random.standard_normal((70, 3)), wide)
    _regression(golden, "perfect", target, target)
    _regression(golden, "bad", random.standard_normal(70) + 4, target)
    _regression(golden, "constant_target", target, np.full(70, 0.5))
    _regression(golden, "constant_and_perfect", np.full(70, 0.5), np.full(70, 0.5))
    _regression(golden, "one_constant_output", wide, wide * [0, 1, 1.1])
    _regression(golden, "one_sample", [1.5], [2.0])
    far = (1e4 + random.standard_normal(3000)).astype(np.float32)
    _regression(golden, "far_from_zero", far + 0.5 * random.standard_normal(3000).astype(np.float32), far)


def _some_weights(random, n):
    """Sums of these are exact, and some are 0."""
    return random.integers(0, 9, n) / 4


def _weighted_classes(golden, name, predicted, target, num_classes, weight):
    predicted, target = np.array(predicted, dtype=np.int64), np.array(target, dtype=np.int64)
    weight = np.array(weight, dtype=np.float64)
    options = dict(sample_weight=weight, zero_division=0)
    golden.case("weighted_classes/" + name, dict(
        predicted=torch.from_numpy(predicted), target=torch.from_numpy(target), weight=torch.from_numpy(weight),
        matrix=_doubles(metrics.confusion_matrix(target, predicted, labels=range(num_classes), sample_weight=weight)),
        accuracy=_doubles([metrics.accuracy_score(target, predicted, sample_weight=weight)]),
        classes=_doubles(metrics.precision_recall_fscore_support(target, predicted, beta=0.5, **options)),
        averages=_doubles([metrics.precision_recall_fscore_support(target, predicted, beta=0.5, average=a, **options)[:3]
                           for a in AVERAGES]),
        report=_bytes(metrics.classification_report(target, predicted, **options))), num_classes=num_classes)


def _weighted_ranking(golden, name, scores, target, weight):
    """Areas of `target` (N) of classes, or (N, C) of zeros and ones; curves where scores are (N)."""
    scores, target = np.array(scores, dtype=np.float64), np.array(target, dtype=np.int64)
    tensors = dict(scores=torch.from_numpy(scores), target=torch.from_numpy(target))
    options = {}
    if weight is not None:
        options["sample_weight"] = np.array(weight, dtype=np.float64)
        tensors["weight"] = torch.from_numpy(options["sample_weight"])
    if scores.ndim == 1:
        tensors["roc"] = _doubles([metrics.roc_auc_score(target, scores, **options)])
        tensors["precision"] = _doubles([metrics.average_precision_score(target, scores, **options)])
        for drop in (False, True):
            tensors[f"roc_curve{int(drop)}"] = _doubles(
                metrics.roc_curve(target, scores, pos_label=1, drop_intermediate=drop, **options))
            p, r, t = metrics.precision_recall_curve(target, scores, pos_label=1, drop_intermediate=drop, **options)
            tensors[f"precision_recall_curve{int(drop)}"] = _doubles([p, r, np.append(t, np.nan)])
    else:
        if target.ndim == 1:
            target = (target[:, None] == np.arange(scores.shape[1])).astype(np.int64)
        for key, function in (("roc", metrics.roc_auc_score), ("precision", metrics.average_precision_score)):
            tensors[key] = _doubles([function(target, scores, average=a, **options) for a in AVERAGES])
    golden.case("weighted_ranking/" + name, tensors)


def _weighted_values(golden, name, prediction, target, weight):
    prediction, target, weight = np.asarray(prediction), np.asarray(target), np.array(weight, dtype=np.float64)
    options = dict(sample_weight=weight, multioutput="raw_values")
    golden.case("weighted_regression/" + name, dict(
        prediction=torch.from_numpy(prediction), target=torch.from_numpy(target), weight=torch.from_numpy(weight),
        mse=_doubles(metrics.mean_squared_error(target, prediction, **options)),
        rmse=_doubles(metrics.root_mean_squared_error(target, prediction, **options)),
        mae=_doubles(metrics.mean_absolute_error(target, prediction, **options)),
        r2=_doubles(metrics.r2_score(target, prediction, **options)),
        r2_weighted=_doubles([metrics.r2_score(target, prediction, sample_weight=weight,
                                               multioutput="variance_weighted")])))


def _weighted_cases(golden, random):
    target = random.integers(0, 4, 40)
    noisy = np.where(random.random(40) < 0.6, target, random.integers(0, 4, 40))
    _weighted_classes(golden, "four", noisy, target, 4, _some_weights(random, 40))
    _weighted_classes(golden, "whole", noisy, target, 4, random.integers(0, 3, 40))
    _weighted_classes(golden, "class_of_weight_zero", noisy, target, 5, (target != 2) & (noisy != 2))
    _weighted_classes(golden, "never_a_target", [0, 1, 2, 2, 0], [0, 0, 2, 2, 0], 3, [1, 0.5, 2, 0, 0.25])
    _weighted_classes(golden, "negative", [0, 1, 1, 0], [0, 1, 0, 1], 2, [3, 2, -0.5, 1])
    binary = random.integers(0, 2, 40)
    scores = binary + random.standard_normal(40)
    for name, values in (("binary", scores), ("ties", np.round(scores)), ("equal", np.zeros(40))):
        _weighted_ranking(golden, name, values, binary, None)
        _weighted_ranking(golden, name + "_weighted", values, binary, _some_weights(random, 40))
    _weighted_ranking(golden, "no_positives", [0.5, 0.25, 0.25, 0.125], [0, 0, 0, 0], [1, 2, 0.5, 0])
    _weighted_ranking(golden, "no_negatives", [0.5, 0.25, 0.25, 0.125], [1, 1, 1, 1], [1, 2, 0.5, 0])
    _weighted_ranking(golden, "positives_of_weight_zero", [0.5, 0.25, 0.25, 0.125], [1, 0, 1, 0], [0, 2, 0, 1])
    _weighted_ranking(golden, "two_samples", [0.5, 0.25], [1, 0], None)
    target = random.integers(0, 3, 30)
    scores = random.random((30, 3)).round(1) + 0.5 * (target[:, None] == np.arange(3))
    _weighted_ranking(golden, "classes", scores, target, _some_weights(random, 30))
    _weighted_ranking(golden, "class_of_weight_zero", scores, target, 1.0 * (target != 1))
    _weighted_ranking(golden, "labels", scores, random.integers(0, 2, (30, 3)), _some_weights(random, 30))
    p = random.random((20, 3))
    p /= p.sum(1, keepdims=True)
    target, weight = random.integers(0, 3, 20), _some_weights(random, 20)
    golden.case("weighted_log_loss/classes", dict(
        p=torch.from_numpy(p), target=torch.from_numpy(target), weight=torch.from_numpy(weight),
        loss=_doubles([metrics.log_loss(target, p, labels=range(3), sample_weight=weight)])))
    golden.case("weighted_log_loss/binary", dict(
        p=torch.from_numpy(p[:, 0].copy()), target=torch.from_numpy(target % 2), weight=torch.from_numpy(weight),
        loss=_doubles([metrics.log_loss(target % 2, p[:, 0], labels=range(2), sample_weight=weight)])))
    y = random.standard_normal((25, 2)) * [1, 10] + [0, 5]
    _weighted_values(golden, "two", y + 0.2 * random.standard_normal((25, 2)), y, _some_weights(random, 25))
    _weighted_values(golden, "one", y[:, 0] + 0.5, y[:, 0].copy(), _some_weights(random, 25))
    _weighted_values(golden, "one_sample_of_weight", [1.5, 2.0, 4.0], [1.0, 2.5, 2.0], [0, 0, 2])
    _weighted_values(golden, "two_samples_of_weight", [1.5, 2.0, 4.0], [1.0, 2.5, 2.0], [0, 1, 2])


def make():
    assert tuple(map(int, sklearn.__version__.split(".")[:2])) >= (1, 9), "metrics.py needs scikit-learn 1.9"
    warnings.simplefilter("ignore")
    random = np.random.default_rng(17)
    golden = GoldenFile()
    golden.metadata["made_by"] += ", scikit-learn " + sklearn.__version__
    for part in (_class_cases, _top_k, _ranking_cases, _log_loss_cases, _regression_cases, _weighted_cases):
        part(golden, random)
    golden.write("metrics.safetensors.gz")
