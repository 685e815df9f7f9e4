"""From a DICOM file to what the model is fed: the steps of Graft, number by number."""
import math

import numpy as np
import pydicom


def prepare_image(path, preprocessing):
    """A DICOM file as float32 [height, width, channels] in [0, 1], 0 black."""
    dataset = pydicom.dcmread(path)
    values = display_values(dataset, preprocessing["intensity"], preprocessing["channels"])
    spacing = dataset.get("PixelSpacing") or dataset.get("ImagerPixelSpacing") or [1, 1]
    aspect = float(spacing[0]) / float(spacing[1]) if min(map(float, spacing)) > 0 else 1.0
    resized = resize(values, aspect, preprocessing)
    # Graft keeps images as whole numbers of 65535ths.
    steps = np.floor(np.clip(resized, 0, 1).astype(np.float64) * 65535 + 0.5) / 65535
    return np.repeat(steps, preprocessing["channels"] // steps.shape[2], axis=2).astype(np.float32)


def display_values(dataset, intensity, channels):
    """The frame in the middle, [rows, columns, samples] in [0, 1]."""
    photometric = dataset.PhotometricInterpretation
    if photometric == "PALETTE COLOR" or "ModalityLUTSequence" in dataset or "SharedFunctionalGroupsSequence" in dataset:
        raise ValueError("Expected grey or colour pixels with a rescale slope; found a palette, a modality table or functional groups.")
    if intensity["kind"] == "voi" and "VOILUTSequence" in dataset:
        raise ValueError("Expected a window; found a table of values of interest.")
    frames = int(dataset.get("NumberOfFrames") or 1)
    if dataset.file_meta.get("TransferSyntaxUID") == pydicom.uid.JPEGBaseline8Bit:
        # Decoders round lossy JPEG differently; Pillow's is the one that Graft has, libjpeg-turbo.
        dataset.pixel_array_options(decoding_plugin="pillow")
    stored = dataset.pixel_array
    stored = stored[frames // 2] if frames > 1 else stored
    if dataset.SamplesPerPixel == 3:
        colour = np.minimum(1, stored / (2**dataset.BitsStored - 1)).astype(np.float32)
        return colour if channels == 3 else (colour @ np.float32([0.299, 0.587, 0.114]))[..., None]
    slope, intercept = float(dataset.get("RescaleSlope") or 1) or 1.0, float(dataset.get("RescaleIntercept") or 0)
    values = (slope * stored.astype(np.float64) + intercept).astype(np.float32)
    hidden = np.zeros(stored.shape, bool)
    if "PixelPaddingValue" in dataset:
        ends = sorted((int(dataset.PixelPaddingValue), int(dataset.get("PixelPaddingRangeLimit", dataset.PixelPaddingValue))))
        hidden = (stored >= ends[0]) & (stored <= ends[1])
    shown = to_unit(values.astype(np.float64), hidden, dataset, intensity).astype(np.float32)
    shown = 1 - shown if photometric == "MONOCHROME1" else shown
    return np.where(hidden, np.float32(0), shown)[..., None]


def to_unit(values, hidden, dataset, intensity):
    if intensity["kind"] == "window":
        return window(values, intensity["center"], intensity["width"], "LINEAR")
    first = lambda value: None if value in (None, "") else float(value[0] if isinstance(value, pydicom.multival.MultiValue) else value)
    center, width = first(dataset.get("WindowCenter")), first(dataset.get("WindowWidth"))
    if intensity["kind"] == "voi" and center is not None and (width or 0) > 0:
        return window(values, center, width, dataset.get("VOILUTFunction") or "LINEAR")
    shown = values[~hidden]
    ends = [intensity["low"], intensity["high"]] if intensity["kind"] == "percentile" else [0, 100]
    low, high = np.percentile(shown, ends) if shown.size else (0, 0)
    return np.clip((values - low) / (high - low), 0, 1) if high > low else np.zeros_like(values)


def window(values, center, width, curve):
    """PS3.3 C.11.2.1.2 and C.11.2.1.3, to 0 ... 1."""
    if curve == "SIGMOID":
        return 1 / (1 + np.exp(-4 * (values - center) / width))
    middle, span = (center, width) if curve == "LINEAR_EXACT" else (center - 0.5, width - 1)
    inside = (values - middle) / span + 0.5 if span > 0 else np.zeros_like(values)
    return np.where(values <= middle - span / 2, 0, np.where(values > middle + span / 2, 1, inside))


def axis_weights(inputs, outputs, start, length):
    """[outputs, inputs]: averages over the area that each output covers when shrinking, linear between two when enlarging."""
    scale = length / outputs
    matrix = np.zeros((outputs, inputs), np.float32)
    for output in range(outputs):
        if scale > 1:
            begin = start + output * scale
            end = min(inputs, begin + scale)
            low = min(inputs - 1, math.floor(begin + 1e-9))
            high = max(low + 1, min(inputs, low + math.ceil(scale) + 1, math.ceil(end - 1e-9)))
            covered = np.array([max(0.0, min(end, at + 1) - max(begin, at)) for at in range(low, high)])
            matrix[output, low:high] = covered / covered.sum()
        else:
            center = min(inputs - 1, max(0.0, start + (output + 0.5) * scale - 0.5))
            low = min(inputs - 1, math.floor(center))
            share = center - low if low + 1 < inputs else 0.0
            matrix[output, low] = 1 - share
            if share > 0:
                matrix[output, low + 1] = share
    return matrix


def resize(values, aspect, target):
    rows, columns, samples = values.shape
    height, width, kind = target["height"], target["width"], target["resize"]
    tall = rows * aspect
    top, left, inner_height, inner_width = 0, 0, height, width
    from_row, from_column, taken_rows, taken_columns = 0.0, 0.0, rows, columns
    if kind == "crop":
        scale = max(height / tall, width / columns)
        taken_rows, taken_columns = min(rows, height / scale / aspect), min(columns, width / scale)
        from_row, from_column = (rows - taken_rows) / 2, (columns - taken_columns) / 2
    elif kind == "letterbox":
        scale = min(height / tall, width / columns)
        inner_height = min(height, max(1, math.floor(tall * scale + 0.5)))
        inner_width = min(width, max(1, math.floor(columns * scale + 0.5)))
        top, left = (height - inner_height) // 2, (width - inner_width) // 2
    across = axis_weights(columns, inner_width, from_column, taken_columns)
    down = axis_weights(rows, inner_height, from_row, taken_rows)
    out = np.zeros((height, width, samples), np.float32)
    out[top : top + inner_height, left : left + inner_width] = np.einsum("yr,rcs,xc->yxs", down, values, across, optimize=True)
    return out
