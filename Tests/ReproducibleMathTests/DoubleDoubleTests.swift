import ReproducibleMath
import Testing

@Suite struct DoubleDoubleTests {
  /// u², the unit of the bounds.
  private let unit = 0x1p-106

  @Test func `every operation keeps its bound`() {
    for row in DoubleDoublePoints.rows {
      let x = DoubleDouble(high: row[0], low: row[1])
      let y = DoubleDouble(high: row[2], low: row[3])
      #expect(relativeError(x + y, row[4...6]) <= 3 * unit)
      #expect(relativeError(x - (-y), row[4...6]) <= 3 * unit)
      #expect(relativeError(x * y, row[7...9]) <= 5 * unit)
      #expect(relativeError(x / y, row[10...12]) <= 15 * unit)
      #expect(relativeError(x.magnitude.squareRoot(), row[13...15]) <= 25 / 8 * unit)
    }
  }

  @Test func `operations with a double agree with those of two pairs`() {
    for row in DoubleDoublePoints.rows {
      let x = DoubleDouble(high: row[0], low: row[1])
      let y = row[2]
      let wide = DoubleDouble(y)
      #expect(relativeError(x + y, parts(x + wide)) <= 5.1 * unit)
      #expect(relativeError(x * y, parts(x * wide)) <= 6.6 * unit)
      #expect(relativeError(x / y, parts(x / wide)) <= 18.1 * unit)
    }
  }

  @Test func `results are normalized`() {
    for row in DoubleDoublePoints.rows {
      let x = DoubleDouble(high: row[0], low: row[1])
      let y = DoubleDouble(high: row[2], low: row[3])
      for result in [x + y, x * y, x / y, x + row[2], x * row[2], x / row[2], x.magnitude.squareRoot()] {
        #expect(result.high + result.low == result.high)
      }
    }
  }

  @Test func `a difference that cancels is exact`() {
    let third = DoubleDouble(1.0) / 3
    #expect(third - third == 0)
    #expect(third - third.high == DoubleDouble(third.low))
    #expect((third * 3 - 1).magnitude <= DoubleDouble(6 * unit))
  }

  @Test func `transformations are free of error`() {
    let sum = DoubleDouble.twoSum(1, 0x1p-80)
    #expect(sum.value == 1 && sum.error == 0x1p-80)
    let swapped = DoubleDouble.twoSum(0x1p-80, 1)
    #expect(swapped.value == 1 && swapped.error == 0x1p-80)
    let product = DoubleDouble.twoProduct(1 + 0x1p-52, 1 + 0x1p-52)
    #expect(product.value == 1 + 0x1p-51 && product.error == 0x1p-104)
  }

  @Test func `infinities and NaN behave as in Double`() {
    let one = DoubleDouble(1.0)
    let infinite = DoubleDouble(Double.infinity)
    let huge = DoubleDouble(Double.greatestFiniteMagnitude)
    for result in [infinite + one, infinite + 1, huge + huge, huge * huge, infinite * 2, one / 0, infinite / one] {
      #expect(result.high == .infinity && result.low == 0)
    }
    for result in [infinite - infinite, infinite * 0, one * 0 / 0, (-one).squareRoot(), DoubleDouble(Double.nan) + one]
    {
      #expect(result.isNaN && result.low == 0)
    }
    #expect(one / infinite == 0)
    #expect(infinite.squareRoot() == .infinity)
    #expect(DoubleDouble(0.0).squareRoot() == 0)
    #expect(DoubleDouble(high: .infinity, low: 1).low == 0)
  }

  @Test func `comparisons with NaN are false`() {
    let nan = DoubleDouble(Double.nan)
    let one = DoubleDouble(1.0)
    #expect(!(nan <= one) && !(nan >= one) && !(one <= nan) && !(one >= nan) && !(nan < one) && !(nan > one))
    #expect(!(nan == nan) && !(nan <= nan) && !(nan <= 1) && !(nan >= 1) && nan != one)
  }

  @Test func `order looks at the low part last`() {
    let above = DoubleDouble(high: 1, low: 0x1p-80)
    #expect(above > 1 && above >= 1 && !(above <= 1) && !(above < 1) && !(above == 1))
    #expect(-above < -1 && above.magnitude == (-above).magnitude)
    #expect(DoubleDouble(-0.0) == DoubleDouble(0.0))
  }

  @Test func `a float is rounded once`() {
    let tie = 1 + 0x1p-24
    #expect(Float(DoubleDouble(tie)) == 1)
    #expect(Float(DoubleDouble(high: tie, low: 0x1p-80)) == Float(1).nextUp)
    let upperTie = 1 + 0x1.8p-23
    #expect(Float(DoubleDouble(upperTie)) == 1 + 0x1p-22)
    #expect(Float(DoubleDouble(high: upperTie, low: -0x1p-80)) == Float(1).nextUp)
    #expect(Float(DoubleDouble(high: -upperTie, low: 0x1p-80)) == -Float(1).nextUp)
    #expect(Double(DoubleDouble(high: 1, low: 0x1p-80)) == 1)
  }

  @Test func `sums and scalar products keep what Double loses`() {
    #expect(DoubleDouble.sum(of: [0x1p80, 0x1p28, 1, -0x1p80]) == DoubleDouble(0x1p28 + 1))
    #expect(DoubleDouble.sum(of: [0x1p80, 1, -0x1p80]) == 1)
    #expect(DoubleDouble.sum(of: [Float(1), 0x1p-60]) == DoubleDouble(high: 1, low: 0x1p-60))
    #expect(DoubleDouble.sum(of: [Double]()) == 0)
    let x = 1 + 0x1p-30
    #expect(DoubleDouble.dot([x, -1], [x, 1 + 0x1p-29]) == DoubleDouble(0x1p-60))
    #expect(DoubleDouble.dot([Float.infinity], [1]) == .infinity)
  }

  private func parts(_ x: DoubleDouble) -> ArraySlice<Double> { [x.high, x.low, 0] }

  /// |result − exact|/|exact|, the exact value being three doubles.
  private func relativeError(_ result: DoubleDouble, _ exact: ArraySlice<Double>) -> Double {
    let (a, b, c) = (exact[exact.startIndex], exact[exact.startIndex + 1], exact[exact.startIndex + 2])
    return (((result.high - a) + (result.low - b)) - c).magnitude / a.magnitude
  }
}
