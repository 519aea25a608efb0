"""The arrays of an npz file that `rnn-tui export` writes, by name.

about.json              JSON text: format, step, initial_settings, settings, changes
parameters/NAME         weights and biases, float64
optimizer/NAME          state of the optimizer, such as velocity, first_moment, second_moment
history/NAME            recorded metric: scalars, recent, smoothing_window, pending, buckets
random/key, /position   state of numpy's RandomState and of the batches
weight_path             weights by step, for a model of two weights
dataset/inputs, /targets    the fixed dataset, (time, sequences, features)

parameters of each model; a row vector x is multiplied from the left, x W, so that torch's
weights are the transposed ones:

elman         input_weight (inputs, hidden)            weight_ih_l0.T
              recurrent_weight (hidden, hidden)        weight_hh_l0.T
              output_weight (hidden, outputs)          nn.Linear weight.T
  biases 1    hidden_bias (hidden,)                    bias_ih_l0
              output_bias (outputs,)                   nn.Linear bias
  biases 2    input_bias (hidden,)                     bias_hh_l0
  learned     initial_hidden (hidden,)                 h_0

gru           input_weight (inputs, 3 hidden)          weight_ih_l0.T, gates in the order r, z, n
              recurrent_weight (hidden, 3 hidden)      weight_hh_l0.T, gates in the order r, z, n
  biases 1    hidden_bias (3 hidden,)                  bias_ih_l0
              candidate_bias (hidden,)                 bias_hh_l0 of n; 0 for r and z

lstm          input_weight (inputs, 4 hidden)          weight_ih_l0.T, gates in the order i, f, g, o
              recurrent_weight (hidden, 4 hidden)      weight_hh_l0.T, gates in the order i, f, g, o
  biases 1    hidden_bias (4 hidden,)                  bias_ih_l0; bias_hh_l0 is 0
  learned     initial_hidden, initial_cell (hidden,)   h_0, c_0

feed-forward  weight_1 (inputs, hidden), weight_2 …    nn.Linear weight.T, layer by layer
  biases 1    bias_1 (hidden,), bias_2 …               nn.Linear bias
linear        input_weight (1, 1), recurrent_weight (1, 1)

As elman, gru has a learned initial state, and gru and lstm have output_weight and output_bias.
Arithmetic tasks feed the lowest bit first. Outputs are the sigmoid of the logits, but for the loss
mean-squared-error.
"""
