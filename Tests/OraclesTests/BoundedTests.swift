import Oracles
import Testing

@Suite struct BoundedTests {
  /// 1/3 to 106 bits and to 160.
  private let third = Bounded(1) / Bounded(3)

  @Test func `a quotient is enclosed to 100 bits`() {
    #expect(third.value == 1.0 / 3)
    #expect(third.tail == 0x1.5555555555555p-56 || abs(third.tail - 0x1.5555555555555p-56) <= 0x1p-106)
    #expect(third.radius > 0 && third.radius <= 0x1p-98)
    #expect((third * Bounded(3)).agrees(with: .one))
  }

  @Test func `bound covers what rounding to Double leaves out`() {
    #expect(third.bound >= abs(third.tail) + third.radius)
    #expect(third.bound <= 0x1p-53 * third.value)
    #expect(third.deviation(of: 1.0 / 3) == abs(third.tail))
  }

  @Test func `a bound of the operands is carried through every operation`() {
    let x = Bounded(value: 2, bound: 0.5)
    let y = Bounded(value: 4, bound: 1)
    // Ends of the intervals: [1.5, 2.5] and [3, 5].
    #expect((x + y).bound >= 1.5 && (x - y).bound >= 1.5)
    #expect((x * y).bound >= 2.5 * 5 - 8)
    #expect((x / y).bound >= 2.5 / 3 - 0.5)
    #expect(y.squareRoot().bound >= 2 - 3.0.squareRoot())
    for (result, bound) in [(x + y, 1.5), (x * y, 4.5), (x / y, 1.0 / 3), (y.squareRoot(), 0.5)] {
      #expect(result.bound <= bound * (1 + 0x1p-30))
    }
  }

  @Test func `exact operands that cancel give exactly zero`() {
    #expect(Bounded(0.1) - Bounded(0.1) == .zero)
    #expect(Bounded.zero * Bounded(value: 3, bound: 1) == .zero)
    #expect(Bounded.zero / Bounded(3) == .zero)
  }

  @Test(arguments: [
    Bounded(.nan), Bounded(.infinity), Bounded(value: 1, bound: .nan), Bounded(value: 1, bound: .infinity),
    Bounded(value: 1, bound: -1), .one / .zero, .one / Bounded(value: 1, bound: 2), Bounded(-1).squareRoot(),
    Bounded(1e308) * Bounded(1e308), Bounded(1e308) + Bounded(1e308), .unknown + .one, .unknown * .zero,
  ])
  func `what has no answer is unknown and passes no comparison`(x: Bounded) {
    #expect(!x.isKnown && x.value.isNaN)
    #expect(!x.agrees(with: x) && !x.agrees(with: .zero) && !Bounded.zero.agrees(with: x))
    #expect(!(x.deviation(of: 1) <= x.bound))
    #expect(!(abs(1 - x.value) <= x.bound))
  }

  @Test func `disjoint intervals do not agree and touching ones do`() {
    #expect(!Bounded(value: 1, bound: 0.25).agrees(with: Bounded(value: 2, bound: 0.5)))
    #expect(Bounded(value: 1, bound: 0.5).agrees(with: Bounded(value: 2, bound: 0.5)))
    #expect(!Bounded(1).agrees(with: Bounded(1.0.nextUp)))
    // Apart by less than the precision of Double: the tails tell.
    #expect(!third.agrees(with: Bounded(1.0 / 3)))
  }

  @Test(arguments: [0, 1, -1, 900, -900, 1500, -1500])
  func `scaling back and forth keeps the number inside`(exponent: Int) {
    let scaled = third.scaled(byPowerOfTwo: exponent)
    if exponent > 1024 {
      #expect(!scaled.isKnown)
    } else {
      #expect(abs(exponent) > 900 || scaled.scaled(byPowerOfTwo: -exponent) == third)
      #expect(exponent >= -900 || scaled.bound <= 0x1p-1060)
    }
  }

  @Test func `roots of numbers out of the range of their squares are enclosed`() {
    let root = Bounded(0x1p-1074).squareRoot()
    #expect(root.value == 0x1p-537 && root.bound <= 0x1p-630)
    #expect(Bounded(0x1p+1000).squareRoot().value == 0x1p+500)
    // Zero lies inside: the root is between 0 and √2.
    let uncertain = Bounded(value: 0.5, bound: 1.5).squareRoot()
    #expect(uncertain.value - uncertain.bound <= 0 && uncertain.value + uncertain.bound >= 2.0.squareRoot())
  }
}
