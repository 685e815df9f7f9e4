/**
 * TF.js set up as Graft uses it: with the gradients of its kernels (tfjs-core's own bundle for Node has none), and
 * without its advice about other backends.
 */
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';

tf.enableProdMode();
