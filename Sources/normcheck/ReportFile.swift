import Datasets
import Foundation

/// Throws unless `folder`, or the nearest existing folder above it, can be written to. Creates nothing. Called before long
/// work, so that the error does not come after it.
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

/// Writes a file by `AtomicFile` and prints its path. Missing folders are created.
func writeReport(_ content: Data, to path: String) throws {
  try AtomicFile.write(content, to: path, makingFolders: true)
  print(path)
}
