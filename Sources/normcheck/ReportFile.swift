import Foundation

/// Throws unless files can be written into the folder, or it can be made; makes nothing. For a look before long work,
/// not after it.
func requireWritable(folder: String) throws {
  var place = URL(filePath: folder).standardizedFileURL
  while !FileManager.default.fileExists(atPath: place.path), place.path != "/" { place.deleteLastPathComponent() }
  var isFolder: ObjCBool = false
  _ = FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder)
  guard isFolder.boolValue, FileManager.default.isWritableFile(atPath: place.path) else {
    let reason = isFolder.boolValue ? "nothing may be written into \(place.path)" : "\(place.path) is no folder"
    throw CannotRun(description: "the folder \(folder) cannot be written to: \(reason)")
  }
}

/// Writes `content` whole or not at all, making folders on the way.
func writeWhole(_ content: Data, to path: String) throws {
  let place = URL(filePath: path)
  do {
    try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try content.write(to: place, options: .atomic)
  } catch {
    throw CannotRun(description: "\(path) cannot be written: \(error.localizedDescription)")
  }
}

/// `writeWhole`, and names the file on standard output.
func writeReport(_ content: Data, to path: String) throws {
  try writeWhole(content, to: path)
  print(path)
}
