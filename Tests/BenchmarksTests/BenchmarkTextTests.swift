import Testing
@testable import Benchmarks
@testable import Reports
