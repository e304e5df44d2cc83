import Foundation

/// A subject that speaks the protocol and then breaks it in the one way that its argument names; `none` keeps to it,
/// `describe-…` breaks it at once, and `later-…` after two answers. It answers forward_training by x itself, which no law needs
/// to like; `right`, `stale-buffers`, `race-N` and `first-call-wrong` answer it as `Norm.swift` says.

let argument = CommandLine.arguments.dropFirst().first ?? "none"
let way = argument.hasPrefix("later-") ? String(argument.dropFirst(6)) : argument
var patience = argument.hasPrefix("later-") ? 2 : 0

func write(_ text: String, to file: FileHandle = .standardOutput) { file.write(Data(text.utf8)) }

/// Writes the same bytes until somebody stops it.
func flood(_ text: String, to file: FileHandle = .standardOutput) -> Never {
  let block = String(repeating: text, count: 1 << 16 / text.utf8.count)
  while true { write(block, to: file) }
}

let description = """
  {"protocol": 1, "name": "misbehaving", "dtypes": ["float32"], "layouts": ["NC"], "methods": ["forward_training"], \
  "conventions": {"running_variance": "unbiased", "momentum": "weight_of_new", "batch_of_one": "error"}}
  """

/// The text of `value` as JSON.
func json(_ value: Any) -> String {
  let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
  return String(decoding: data ?? Data(), as: UTF8.self)
}

func misbehave(_ id: Int, _ x: [String: Any], _ statistics: String, isPatient: Bool) {
  func response(_ y: [String: Any], id: Int = id) -> String {
    "{\"id\": \(id), \"result\": {\"y\": \(json(y)), \(statistics)}}\n"
  }
  func respond(_ y: [String: Any], id: Int = id) { write(response(y, id: id)) }
  var y = x
  if isPatient { return respond(y) }
  switch way {
  case "hang": Thread.sleep(forTimeInterval: 1e6)
  case "trickle":
    while true {
      write(" ")
      Thread.sleep(forTimeInterval: 0.01)
    }
  case "exit": exit(3)
  case "signal": kill(getpid(), SIGKILL)
  case "close-output":
    close(1)
    Thread.sleep(forTimeInterval: 1e6)
  case "not-json": write("Segmentation fault (not really)\n")
  case "not-utf8": FileHandle.standardOutput.write(Data([0xff, 0xfe, 0x0a]))
  case "not-a-response": write("{\"id\": \(id), \"result\": [1, 2]}\n")
  case "neither": write("{\"id\": \(id)}\n")
  case "flood": flood("x")
  case "flood-lines": flood("{}\n")
  case "flood-errors": flood("what a mess\n", to: .standardError)
  case "wrong-id": respond(y, id: id + 1)
  case "twice":
    // In one piece, so that both lines are there when the first is read.
    write(response(y) + response(y))
  case "wrong-dtype":
    y["dtype"] = "float64"
    respond(y)
  case "wrong-shape":
    y["shape"] = [1, 1, 1]
    respond(y)
  case "short-data":
    y["data"] = "AAAA"
    respond(y)
  case "no-base64":
    y["data"] = "not base64!"
    respond(y)
  case "missing": write("{\"id\": \(id), \"result\": {}}\n")
  case "never-answers":
    write(
      "Traceback (most recent call last):\n  File \"subject.py\", line 7\nAssertionError: CPU=1 is deprecated\n",
      to: .standardError)
    write(
      "{\"id\": \(id), \"error\": {\"code\": \"internal\", \"message\": \"AssertionError: CPU=1 is deprecated\\nuse DEV\"}}\n"
    )
  case "refuse": write("{\"id\": \(id), \"error\": {\"code\": \"unsupported\", \"message\": \"no\"}}\n")
  case "decline": write("{\"id\": \(id), \"error\": {\"code\": \"invalid_argument\", \"message\": \"not this\"}}\n")
  case "deep": write(String(repeating: "[", count: 1_000_000) + "\n")
  default: respond(y)
  }
}

write("warming up\n", to: .standardError)
switch way {
case "describe-hang": Thread.sleep(forTimeInterval: 1e6)
case "describe-exit": exit(1)
case "describe-nonsense":
  // In answer to the request, which is taken here: a second answer to it would be another fault.
  _ = readLine()
  write("{\"id\": 0, \"result\": {\"protocol\": 7}}\n")
case "stop-reading":
  // Describes itself unasked and never reads.
  write("{\"id\": 0, \"result\": \(description)}\n")
  close(0)
  Thread.sleep(forTimeInterval: 1e6)
default: break
}
let norm = Norm(way)
while let line = readLine() {
  guard let request = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
    let id = request["id"] as? Int, let parameters = request["params"] as? [String: Any]
  else { exit(4) }
  if request["method"] as? String == "describe" {
    write("{\"id\": \(id), \"result\": \(description)}\n")
    continue
  }
  if let norm {
    write(norm.response(id, parameters))
    continue
  }
  let mean = json(parameters["running_mean"] ?? NSNull())
  let variance = json(parameters["running_var"] ?? NSNull())
  misbehave(
    id, parameters["x"] as? [String: Any] ?? [:], "\"running_mean\": \(mean), \"running_var\": \(variance)",
    isPatient: patience > 0)
  patience -= 1
}
