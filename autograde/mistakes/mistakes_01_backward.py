"""Chapter 1: what students get wrong in `backward`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.graph import backward, node_backward

reference(__name__, backward, node_backward)


def found_order(graph, output):
    """Each node that the output is computed from, behind all that it needs."""
    order = []

    def visit(name):
        if name not in order:
            for needed in graph.get(name, ())[1:]:
                visit(needed)
            order.append(name)

    visit(output)
    return order


def walked(graph, values, output, grad_output):
    """The right gradients."""
    grads = {output: grad_output}
    for name in reversed(found_order(graph, output)):
        if name in graph:
            op, *inputs = graph[name]
            found = node_backward(op, grads[name], *(values[i] for i in inputs))
            for i, grad in zip(inputs, found, strict=True):
                grads[i] = grads[i] + grad if i in grads else grad
    return grads


@mistake(
    "backward",
    hint="the nodes are taken in the order in which graph names them, or in that of "
    "their names. Who says that this is the order of computation?",
)
def order_of_the_dict(graph, values, output, grad_output):
    grads = {name: np.zeros_like(value) for name, value in values.items()}
    grads[output] = grad_output
    for name in reversed(graph):
        op, *inputs = graph[name]
        found = node_backward(op, grads[name], *(values[i] for i in inputs))
        for i, grad in zip(inputs, found, strict=True):
            grads[i] = grads[i] + grad
    return grads


@mistake(
    "backward",
    hint="the last contribution to a node takes the place of the others. What does a "
    "node get that is used twice?",
)
def overwritten(graph, values, output, grad_output):
    grads = {output: grad_output}
    for name in reversed(found_order(graph, output)):
        if name in graph:
            op, *inputs = graph[name]
            found = node_backward(op, grads[name], *(values[i] for i in inputs))
            for i, grad in zip(inputs, found, strict=True):
                grads[i] = grad
    return grads


@mistake(
    "backward",
    hint="each node passes its gradient on as soon as it is reached. Has it got all of "
    "it by then?",
)
def passed_on_at_once(graph, values, output, grad_output):
    grads, seen = {output: grad_output}, set()

    def visit(name):
        if name in seen or name not in graph:
            return
        seen.add(name)
        op, *inputs = graph[name]
        found = node_backward(op, grads[name], *(values[i] for i in inputs))
        for i, grad in zip(inputs, found, strict=True):
            grads[i] = grads[i] + grad if i in grads else grad
        for i in inputs:
            visit(i)

    visit(output)
    return grads


@mistake(
    "backward",
    hint="the nodes are taken by their distance from the output. What if one way to a "
    "node is short and another one long?",
)
def nearest_first(graph, values, output, grad_output):
    grads, queue, seen = {output: grad_output}, [output], {output}
    for name in queue:
        if name in graph:
            op, *inputs = graph[name]
            found = node_backward(op, grads[name], *(values[i] for i in inputs))
            for i, grad in zip(inputs, found, strict=True):
                grads[i] = grads[i] + grad if i in grads else grad
                if i not in seen:
                    seen.add(i)
                    queue.append(i)
    return grads


@mistake(
    "backward",
    hint="a node passes on all that it has each time something arrives. How often is "
    "the part counted that it had before?",
)
def counted_again(graph, values, output, grad_output):
    grads = {output: grad_output}

    def visit(name):
        if name in graph:
            op, *inputs = graph[name]
            found = node_backward(op, grads[name], *(values[i] for i in inputs))
            for i, grad in zip(inputs, found, strict=True):
                grads[i] = grads[i] + grad if i in grads else grad
                visit(i)

    visit(output)
    return grads


@mistake(
    "backward",
    hint="a node that one operation uses twice gets only one of its two "
    "contributions. What happens to a dict when a name comes twice?",
)
def one_contribution_for_two(graph, values, output, grad_output):
    order = found_order(graph, output)
    grads = {name: np.zeros_like(values[name]) for name in order}
    grads[output] = grad_output
    for name in reversed(order):
        if name in graph:
            op, *inputs = graph[name]
            found = node_backward(op, grads[name], *(values[i] for i in inputs))
            for i, grad in dict(zip(inputs, found, strict=True)).items():
                grads[i] = grads[i] + grad
    return grads


@mistake(
    "backward",
    hint="the walk starts from ones. What is the gradient of the output?",
)
def started_from_ones(graph, values, output, grad_output):
    return walked(graph, values, output, np.ones_like(grad_output))


@mistake(
    "backward",
    hint="two nodes share one array, and += writes into it for both. Which operation "
    "makes a new array?",
)
def arrays_shared(graph, values, output, grad_output):
    grads = {output: grad_output}
    for name in reversed(found_order(graph, output)):
        if name in graph:
            op, *inputs = graph[name]
            found = node_backward(op, grads[name], *(values[i] for i in inputs))
            for i, grad in zip(inputs, found, strict=True):
                if i in grads:
                    grads[i] += grad
                else:
                    grads[i] = grad
    return grads


@mistake(
    "backward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of the values?",
)
def graph_upcast(graph, values, output, grad_output):
    order = found_order(graph, output)
    grads = {name: np.zeros(values[name].shape) for name in order}
    grads[output] = grad_output
    for name in reversed(order):
        if name in graph:
            op, *inputs = graph[name]
            found = node_backward(op, grads[name], *(values[i] for i in inputs))
            for i, grad in zip(inputs, found, strict=True):
                grads[i] = grads[i] + grad
    return grads


@mistake(
    "backward",
    hint="only the inputs of the graph have a gradient in the end. Which nodes were "
    "asked for?",
)
def inputs_only(graph, values, output, grad_output):
    grads = walked(graph, values, output, grad_output)
    return {name: grad for name, grad in grads.items() if name not in graph}


@mistake(
    "backward",
    hint="the gradient of the output itself is not among the others. Which nodes were "
    "asked for?",
)
def output_left_out(graph, values, output, grad_output):
    grads = walked(graph, values, output, grad_output)
    del grads[output]
    return grads


@mistake(
    "backward",
    hint="the walk takes nodes in that output is not computed from. What is their "
    "gradient when the walk starts in the middle?",
)
def every_node_walked(graph, values, output, grad_output):
    order = []
    for name in graph:
        order += [n for n in found_order(graph, name) if n not in order]
    grads = {output: grad_output}
    for name in reversed(order):
        if name in graph:
            op, *inputs = graph[name]
            found = node_backward(op, grads[name], *(values[i] for i in inputs))
            for i, grad in zip(inputs, found, strict=True):
                grads[i] = grads[i] + grad if i in grads else grad
    return grads


@mistake(
    "backward",
    hint="the gradients come as a list. How does the caller know which is whose?",
)
def list_returned(graph, values, output, grad_output):
    return list(walked(graph, values, output, grad_output).values())


@mistake(
    "backward",
    hint="nodes are taken out of graph on the way. What does the caller find in it "
    "afterwards?",
)
def graph_emptied(graph, values, output, grad_output):
    grads = walked(graph, values, output, grad_output)
    for name in grads:
        graph.pop(name, None)
    return grads


@mistake(
    "backward",
    hint="the inputs are visited before the nodes that use them. From which end does "
    "the gradient come?",
)
def from_the_inputs_on(graph, values, output, grad_output):
    order = found_order(graph, output)
    grads = {name: np.zeros_like(values[name]) for name in order}
    grads[output] = grad_output
    for name in order:
        if name in graph:
            op, *inputs = graph[name]
            found = node_backward(op, grads[name], *(values[i] for i in inputs))
            for i, grad in zip(inputs, found, strict=True):
                grads[i] = grads[i] + grad
    return grads


@mistake(
    "backward",
    hint="the nodes are taken in the order in which values names them. Who says that "
    "this is the order of computation?",
)
def order_of_the_values(graph, values, output, grad_output):
    grads = {output: grad_output}
    for node in reversed(list(values)):
        if node in graph and node in grads:
            op, *inputs = graph[node]
            parts = node_backward(op, grads[node], *(values[i] for i in inputs))
            for name, part in zip(inputs, parts, strict=True):
                grads[name] = grads[name] + part if name in grads else part
    return grads


@mistake(
    "backward",
    hint="a node waits for all that use it, also for those that output is not computed "
    "from. When will these have their turn?",
)
def waiting_for_all_users(graph, values, output, grad_output):
    waiting = dict.fromkeys(values, 0)
    for _, *inputs in graph.values():
        for name in inputs:
            waiting[name] += 1
    grads, ready = {output: grad_output}, [output]
    while ready:
        op, *inputs = graph.get(node := ready.pop(), (None,))
        here = (values[i] for i in inputs)
        parts = node_backward(op, grads[node], *here) if inputs else ()
        for name, part in zip(inputs, parts, strict=True):
            grads[name] = grads[name] + part if name in grads else part
            waiting[name] -= 1
            if waiting[name] == 0:
                ready.append(name)
    return grads


@right("backward")
def when_all_users_are_done(graph, values, output, grad_output):
    order = found_order(graph, output)
    waiting = dict.fromkeys(order, 0)
    for name in order:
        for i in graph.get(name, ())[1:]:
            waiting[i] += 1
    grads, ready = {output: grad_output}, [output]
    while ready:
        name = ready.pop()
        if name not in graph:
            continue
        op, *inputs = graph[name]
        found = node_backward(op, grads[name], *[values[i] for i in inputs])
        for i, grad in zip(inputs, found, strict=True):
            grads[i] = grads[i] + grad if i in grads else grad
            waiting[i] -= 1
            if waiting[i] == 0:
                ready.append(i)
    return grads


@right("backward")
def way_by_way(graph, values, output, grad_output):
    grads = {name: np.zeros_like(value) for name, value in values.items()}

    def walk(name, grad):
        grads[name] = grads[name] + grad
        if name in graph:
            op, *inputs = graph[name]
            found = node_backward(op, grad, *[values[i] for i in inputs])
            for i, part in zip(inputs, found, strict=True):
                walk(i, part)

    walk(output, grad_output)
    return grads


@right("backward")
def asked_from_the_users(graph, values, output, grad_output):
    order, grads = found_order(graph, output), {}

    def grad_of(name):
        if name not in grads:
            total = grad_output if name == output else 0
            for user in order:
                op, *inputs = graph.get(user, ("",))
                for place, i in enumerate(inputs):
                    if i == name:
                        arrays = [values[j] for j in inputs]
                        found = node_backward(op, grad_of(user), *arrays)
                        total = total + found[place]
            grads[name] = total
        return grads[name]

    return {name: grad_of(name) for name in order}
