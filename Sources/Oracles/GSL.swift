import CGSL

/// The one door to GSL: its error handler is switched off before the first call and every status becomes a thrown error.
///
/// GSL's default handler aborts the process. Switching it off is the same for every caller, so that two threads, or two
/// modules that both do it, cannot disturb one another; a handler of our own would need state between the C call and its
/// caller.
enum GSL {
  private static let handlerIsOff: Void = { _ = gsl_set_error_handler_off() }()

  /// Runs `call`, a GSL function that returns a status, and throws under the name `function` if that is not GSL_SUCCESS.
  static func call(_ function: String, _ call: () -> Int32) throws(OracleError) {
    _ = handlerIsOff
    let status = call()
    guard status == Int32(GSL_SUCCESS) else {
      throw .gsl(function: function, reason: String(cString: gsl_strerror(status)))
    }
  }

  /// Runs `call`, a GSL function that returns a value and signals failure by a NaN or an infinity.
  static func value(_ function: String, _ call: () -> Double) throws(OracleError) -> Double {
    _ = handlerIsOff
    let value = call()
    guard value.isFinite else {
      throw .gsl(function: function, reason: "the result is \(value), its arguments lie outside its domain")
    }
    return value
  }

  /// Runs `call` with the handler off, for functions that cannot fail.
  static func run<T>(_ call: () -> T) -> T {
    _ = handlerIsOff
    return call()
  }
}

/// The version of GSL that this was compiled with.
public var versionOfGSL: String { GSL_VERSION }
