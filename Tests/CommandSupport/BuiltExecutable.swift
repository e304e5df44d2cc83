public import Foundation

/// Executables of this package, as they were built with the tests.
public enum BuiltExecutable {
  /// The folder of the test bundle, in which the package manager puts executables as well.
  public static var folder: URL {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
    return (bundle ?? Bundle.main.executableURL!).deletingLastPathComponent()
  }

  public static func path(_ name: String) -> String { folder.appending(path: name).path }
}
