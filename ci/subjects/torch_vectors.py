"""What PyTorch answers to vectors of layers, networks and their parts, by operation: inputs and dtype to outputs by name."""
import collections

import torch
from torch import nn


def network(inputs, dtype):
    """linear, batch normalization, ReLU; …; linear, with the state of the inputs if there is one."""
    widths, layers = inputs["widths"], collections.OrderedDict()
    for i in range(1, len(widths)):
        layers[f"fc{i}"] = nn.Linear(widths[i - 1], widths[i])
        if i < len(widths) - 1:
            if inputs["normalization"] == "batch_norm":
                layers[f"bn{i}"] = nn.BatchNorm1d(widths[i], eps=inputs.get("epsilon", 1e-5))
            layers[f"relu{i}"] = nn.ReLU()
    net = nn.Sequential(layers).to(dtype)
    named = net.state_dict()
    for name, array in inputs.get("state", {}).items():
        # Vectors store weights [inputs, outputs], PyTorch their transpose.
        target = named[name]
        target.copy_(torch.tensor(array).reshape(target.shape[::-1]).t())
    for i, count in enumerate(inputs.get("batch_counters", [])):
        named[f"bn{i + 1}.num_batches_tracked"].fill_(count)
    return net


def arrays(prefix, named):
    return {prefix + name: array.detach().t().numpy() for name, array in named if "tracked" not in name}


def state(net, prefix="state."):
    counters = [int(array) for name, array in net.state_dict().items() if "tracked" in name]
    return arrays(prefix, net.state_dict().items()) | {prefix + "batch_counters": counters}


def initial_state(inputs, dtype):
    torch.manual_seed(inputs["seed"])
    return state(network(inputs, dtype), "")


def epoch_orders(inputs, dtype):
    initial_state(inputs, dtype)
    loader = torch.utils.data.DataLoader(range(inputs["count"]), batch_size=inputs["count"], shuffle=True)
    return {"orders": [int(i) for _ in range(inputs["epochs"]) for i in next(iter(loader))]}


def cross_entropy(inputs, dtype):
    logits = torch.tensor(inputs["logits"], requires_grad=True)
    losses = nn.functional.cross_entropy(logits, torch.tensor(inputs["labels"]), reduction="none")
    losses.mean().backward()
    return {"losses": losses.detach().numpy(), "gradient": logits.grad.numpy()}


def linear(inputs, dtype):
    x, weight, bias = (torch.tensor(inputs[name], requires_grad=True) for name in ("x", "weight", "bias"))
    y = nn.functional.linear(x, weight.T, bias)
    y.backward(torch.tensor(inputs["dy"]))
    gradients = {"dx": x.grad, "dweight": weight.grad, "dbias": bias.grad}
    return {name: array.detach().numpy() for name, array in ({"y": y} | gradients).items()}


def optimizer(parameters, rule):
    return torch.optim.SGD(
        parameters, lr=rule["learning_rate"], momentum=rule["momentum"], weight_decay=rule["weight_decay"],
        nesterov=rule["direction"] == "nesterov")


def descent(inputs, dtype):
    p = nn.Parameter(torch.tensor(inputs["parameters"]))
    descent, steps = optimizer([p], inputs["rule"]), []
    for gradient in inputs["gradients"]:
        p.grad = torch.tensor(gradient)
        descent.step()
        steps.append(p.detach().clone())
    return {"parameters": torch.stack(steps).numpy()}


def forwarded(inputs, dtype):
    net = network(inputs, dtype).train(inputs.get("mode", "training") == "training")
    logits = net(torch.tensor(inputs["x"]))
    return net, logits, nn.functional.cross_entropy(logits, torch.tensor(inputs["labels"]), reduction="none")


def network_pass(inputs, dtype):
    net, logits, losses = forwarded(inputs, dtype)
    found = {"logits": logits, "losses": losses, "mean_loss": losses.mean()}
    losses.mean().backward()
    gradients = ((name, p.grad) for name, p in net.named_parameters())
    return {n: a.detach().numpy() for n, a in found.items()} | arrays("gradients.", gradients) | state(net)


def step(inputs, dtype):
    net, _, losses = forwarded(inputs, dtype)
    losses.mean().backward()
    optimizer(net.parameters(), inputs["rule"]).step()
    return {"mean_loss": losses.mean().detach().numpy()} | state(net)


def layers(inputs, dtype):
    made = [nn.BatchNorm1d(
        inputs["channels"], eps=inputs["epsilon"], momentum=inputs["momentum"], affine=inputs["gamma"] is not None,
        track_running_stats=inputs["tracking"] == "tracking", dtype=dtype) for _ in range(inputs["layers"])]
    found = {}
    for i, call in enumerate(inputs["steps"]):
        layer, prefix = made[call["layer"]], f"steps[{i}]."
        if inputs["gamma"] is not None:
            layer.weight.data.copy_(torch.tensor(inputs["gamma"]))
            layer.bias.data.copy_(torch.tensor(inputs["beta"]))
        found |= {prefix + name: array for name, array in called(layer, call).items()}
        counter = layer.num_batches_tracked
        found[prefix + "batches_tracked"] = [] if counter is None else [int(counter)]
        for name in ("running_mean", "running_var"):
            found[prefix + name] = None if counter is None else getattr(layer, name).numpy().copy()
    return found


def called(layer, call):
    layer.train(call["call"] == "train")
    if call["call"] == "read":
        return {}
    x = torch.tensor(call["x"], requires_grad=True)
    if call["call"] != "gradient":
        try:
            return {"y": layer(x).detach().numpy()} | ({"refused": [0]} if layer.training else {})
        except ValueError:
            return {"refused": [1]}
    # From the batch, not from the stored statistics.
    layer.zero_grad()
    y = nn.functional.batch_norm(x, None, None, layer.weight, layer.bias, training=True, eps=layer.eps)
    y.backward(torch.tensor(call["dy"]))
    parameters = {} if layer.weight is None else {"dgamma": layer.weight.grad, "dbeta": layer.bias.grad}
    return {name: array.numpy().copy() for name, array in ({"dx": x.grad} | parameters).items()}


OPERATIONS = {
    "initial_state": initial_state, "epoch_orders": epoch_orders, "cross_entropy": cross_entropy, "linear": linear,
    "descent": descent, "pass": network_pass, "step": step, "layers": layers}
