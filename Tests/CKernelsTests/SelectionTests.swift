import CKernels
import Testing

struct SelectionTests {
  @Test func `an unknown name selects nothing`() {
    var variant = nc_variant.neon
    #expect(nc_select("mmx", &variant) == .unknownName)
    #expect(nc_select("AVX2", &variant) == .unknownName)
    #expect(variant == .neon)
  }

  @Test func `the variant of another architecture is known and not supported`() {
    var variant = nc_variant.portable
    #if arch(x86_64)
      #expect(nc_select("neon", &variant) == .unsupported)
    #else
      #expect(nc_select("avx2", &variant) == .unsupported)
    #endif
    #expect(variant == .portable)
  }

  @Test func `without a name the last, fastest variant of this processor is selected`() {
    var (unnamed, empty) = (nc_variant.portable, nc_variant.portable)
    #expect(nc_select(nil, &unnamed) == .selected)
    #expect(nc_select("", &empty) == .selected)
    #expect(unnamed == variants.last)
    #expect(empty == unnamed)
  }

  @Test func `a variant is selected by its own name`() {
    #expect(variants.first == .portable)
    for variant in variants {
      var selected = nc_variant.portable
      #expect(nc_select(nc_variant_name(variant), &selected) == .selected)
      #expect(selected == variant)
    }
  }
}
