/// A finite number with that many decimals, ties away from zero; others by name (`inf`, `nan`).
///
/// The only formatter of decimals: a number has the same last digit wherever it is printed. Numbers of 10¹⁵ and more, and those
/// with more than 18 digits in all, are printed as Swift prints them.
public func fixed(_ value: Double, _ decimals: Int) -> String {
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let scaled = (value.magnitude * scale).rounded()
  guard value.magnitude < 1e15, scaled < 1e18 else { return "\(value)" }
  let (whole, rest) = UInt64(scaled).quotientAndRemainder(dividingBy: UInt64(scale))
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return sign + "\(whole)" }
  let fraction = "\(rest)"
  return sign + "\(whole)." + String(repeating: "0", count: decimals - fraction.count) + fraction
}

/// "1 error", "2 errors", "0 policies".
///
/// - Parameter plural: for nouns that take more than an s, or ies for y: "batches"
public func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
  if count == 1 { return "1 \(noun)" }
  return "\(count) \(plural ?? (noun.hasSuffix("y") ? noun.dropLast() + "ies" : noun + "s"))"
}
