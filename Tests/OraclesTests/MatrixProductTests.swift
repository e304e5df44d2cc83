import Oracles
import Testing

@Suite struct MatrixProductTests {
  private let left = [1.0, 2, 3, 4, 5, 6]
  private let right = [7.0, 8, 9, 10, 11, 12]

  @Test func `a small product is exact with initial values added`() throws {
    // [1 2 3; 4 5 6] · [7 8; 9 10; 11 12] + [1 0; 0 −1].
    let product = try MatrixProduct(left: left, right: right, rows: 2, inner: 3, columns: 2, initial: [1, 0, 0, -1])
    #expect(try product.gsl().map(\.value) == [59, 64, 139, 153])
    #expect(product.doubleDouble().map(\.value) == [59, 64, 139, 153])
  }

  @Test func `transposed operands are read by columns`() throws {
    // [1 3 5; 2 4 6] · [7 10; 8 11; 9 12].
    let product = try MatrixProduct(
      left: left, .transposed, right: right, .transposed, rows: 2, inner: 3, columns: 2)
    #expect(try product.gsl().map(\.value) == [76, 103, 100, 136])
    #expect(product.doubleDouble().map(\.value) == [76, 103, 100, 136])
  }

  /// Rounding errors are random where the bound takes all K = 500 to be the worst: about 1/√K of it is reached.
  @Test func `GSL's bound holds and bites`() throws {
    let weyl = (0..<1000).map { (Double($0) * 0.6180339887498949).truncatingRemainder(dividingBy: 1) - 0.5 }
    let product = try MatrixProduct(left: weyl, right: weyl.reversed(), rows: 2, inner: 500, columns: 2)
    let shares = zip(try product.gsl(), product.doubleDouble()).map { $1.deviation(of: $0.value) / $0.bound }
    #expect(shares.allSatisfy { $0 <= 1 } && shares.contains { $0 > 1e-4 })
    #expect(product.doubleDouble().allSatisfy { $0.radius <= 0x1p-80 })
  }

  @Test func `cancellation that ruins a plain sum leaves double-double right`() throws {
    let product = try MatrixProduct(left: [1e10, 1, -1e10], right: [1e10, 1, 1e10], rows: 1, inner: 3, columns: 1)
    #expect(product.doubleDouble()[0].agrees(with: .one))
    #expect(try product.gsl()[0].agrees(with: .one))
    #expect(try product.gsl()[0].bound > 1e3)
  }

  @Test func `shapes that do not fit are an error`() {
    #expect(throws: OracleError.self) { try MatrixProduct(left: left, right: right, rows: 3, inner: 3, columns: 2) }
    #expect(throws: OracleError.self) { try MatrixProduct(left: [], right: [], rows: 0, inner: 0, columns: 0) }
  }
}
