public import ReproducibleMath

/// `rows` × `columns` values, row-major: element (row, column) has the index row·columns + column.
///
/// A batch is a matrix with one sample in each row. An [N, C, L] or [N, C, H, W] tensor is a matrix of N rows whose columns are
/// the values of the sample in their own order; `ChannelLayout` says which column belongs to which channel.
public struct Matrix<Element: Scalar>: Equatable, Sendable {
  /// The samples, if the matrix is a batch.
  public let rows: Int
  /// The values of a sample, if the matrix is a batch.
  public let columns: Int
  /// rows·columns values, row by row.
  public var elements: [Element]

  /// Precondition: `elements` are rows·columns values, row by row.
  @inlinable
  public init(rows: Int, columns: Int, elements: [Element]) {
    precondition(elements.count == rows * columns, "a \(rows)×\(columns) matrix has \(rows * columns) elements")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// The same value everywhere.
  @inlinable
  public init(rows: Int, columns: Int, repeating value: Element = 0) {
    self.init(rows: rows, columns: columns, elements: Array(repeating: value, count: rows * columns))
  }

  /// Precondition: row and column exist. For a column that does not exist, only the end of the elements is checked.
  @inlinable
  public subscript(row: Int, column: Int) -> Element {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// The same values in the other storage order: element (row, column) becomes (column, row).
  public var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for row in 0..<rows {
      for column in 0..<columns { result[column, row] = self[row, column] }
    }
    return result
  }
}
