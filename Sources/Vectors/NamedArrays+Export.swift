import CZlib

extension NamedArrays {
  /// An `.npz` file: a zip archive of `.npy` members, stored without compression and without dates, so that the same arrays
  /// give the same bytes. Zip without extensions: at most 65,535 members and 4 GiB, which fixtures are far below.
  public var npz: [UInt8] {
    var (archive, directory) = ([UInt8](), [UInt8]())
    for (name, values) in arrays {
      let (path, content) = (Array("\(name).npy".utf8), npy(values))
      let checksum = content.withUnsafeBufferPointer {
        UInt32(truncatingIfNeeded: crc32(0, $0.baseAddress, UInt32($0.count)))
      }
      let size = littleEndian(UInt32(content.count))
      // Version 2.0, UTF-8 names, stored, midnight of 1 January 1980, checksum, both sizes, lengths of name and extra field.
      let common: [UInt8] =
        littleEndian(UInt16(20)) + littleEndian(UInt16(0x800)) + littleEndian(UInt16(0)) + littleEndian(UInt16(0))
        + littleEndian(UInt16(0x21)) + littleEndian(checksum) + size + size + littleEndian(UInt16(path.count))
        + littleEndian(UInt16(0))
      let offset = littleEndian(UInt32(archive.count))
      archive += littleEndian(UInt32(0x0403_4b50)) + common + path + content
      // No comment, first disk, no attributes.
      directory += littleEndian(UInt32(0x0201_4b50)) + littleEndian(UInt16(20)) + common
      directory += [UInt8](repeating: 0, count: 10) + offset + path
    }
    let count = littleEndian(UInt16(arrays.count))
    let end = littleEndian(UInt32(0x0605_4b50)) + [0, 0, 0, 0] + count + count
    return archive + directory + end + littleEndian(UInt32(directory.count)) + littleEndian(UInt32(archive.count)) + [
      0, 0,
    ]
  }

  /// NumPy's format 1.0: magic, length of the header, a Python literal filled up to a multiple of 64, the values.
  private func npy(_ values: Values) -> [UInt8] {
    let extents = values.shape.map { "\($0)," }.joined(separator: " ")
    var header = "{'descr': '\(values.descriptor)', 'fortran_order': False, 'shape': (\(extents)), }"
    header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    return magic + littleEndian(UInt16(header.utf8.count)) + Array(header.utf8) + values.bytes
  }

  /// A `.safetensors` file: length of the header, the header in JSON with dtype, shape and offsets, the values.
  public var safetensors: [UInt8] {
    var (members, data) = ([JSON.Member](), [UInt8]())
    for (name, values) in arrays {
      let bytes = values.bytes
      let offsets = [data.count, data.count + bytes.count]
      data += bytes
      members.append(
        .init(
          name,
          .object([
            .init("dtype", .text(values.descriptor == "<f8" ? "F64" : "I64")),
            .init("shape", .array(values.shape.map { .number(Double($0)) })),
            .init("data_offsets", .array(offsets.map { .number(Double($0)) })),
          ])))
    }
    var header = Array(JSON.object(members).text.utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    return littleEndian(UInt64(header.count)) + header + data
  }
}

extension NamedArrays.Values {
  /// As NumPy says it.
  fileprivate var descriptor: String {
    switch self {
    case .float64: "<f8"
    case .int64: "<i8"
    }
  }
}
