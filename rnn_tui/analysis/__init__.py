"""Analyses of a model that is trained, or being trained: what its hidden states represent and do.

Each takes an engine model and sequences of a task, works on a copy of the model, draws from no
training stream, and returns its figures with the number of examples they are computed on. The table
`analyses.ANALYSES` has one that puts the others together for each part of the picture:

    hidden-states  states over an example; correlation, ablation and saturation of each unit
    memory         `probe` and `swap`: whether the required state is there, and whether it is used
    machine        `automaton`, its fidelity, and words on which it and the model differ
    attractors     `fixed_points` under each input, their Jacobians, and a phase portrait
    gradient-map   gradient of each time step's loss with respect to each earlier state
    health         `update_ratios`, gradients, saturation, `spectra` of weights and Jacobian
    accuracy-by    accuracy by position, required state and length of a carry chain
    length         longer sequences; of an arithmetic task pairs and ripples of up to 1,000 columns

Of a run, `rnn_tui.analyze(run, "memory")`. Alone, an analysis needs a model and a task, or a
`Subject` with a trainer, which has the optimizer's part as well:

    import numpy as np
    from rnn_tui.analysis.evaluation_set import EvaluationSet
    from rnn_tui.engine.planted import PLANTED_SPEC, planted_adder
    from rnn_tui.analysis.probe import probe
    from rnn_tui.analysis.swap import swap
    from rnn_tui.engine.losses import HalfSquaredError
    from rnn_tui.engine.models import Elman
    from rnn_tui.engine.tasks import TASKS
    model, task, loss = Elman(PLANTED_SPEC), TASKS["addition"](8), HalfSquaredError()
    for name, values in planted_adder().items():
        model.parameters[name][...] = values
    examples = EvaluationSet.from_task(task)
    states = examples.run(model, loss).hidden_states      # (time, n, hidden)
    probe(examples, states).propagate.probe               # 1.0 of `propagate.n` time steps
    swap(model, task, loss).differing_pairs.accuracy      # 1.0 of `differing_pairs.n` pairs
"""
