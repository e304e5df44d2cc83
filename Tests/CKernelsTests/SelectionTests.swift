import CKernels
import Testing

struct SelectionTests {
  @Test func `an unknown name selects nothing`() {
    var variant = NC_NEON
    #expect(nc_select("mmx", &variant) == NC_UNKNOWN_NAME)
    #expect(nc_select("AVX2", &variant) == NC_UNKNOWN_NAME)
    #expect(variant == NC_NEON)
  }

  @Test func `the variant of another architecture is known and not supported`() {
    var variant = NC_PORTABLE
    #if arch(x86_64)
      #expect(nc_select("neon", &variant) == NC_UNSUPPORTED)
    #else
      #expect(nc_select("avx2", &variant) == NC_UNSUPPORTED)
    #endif
    #expect(variant == NC_PORTABLE)
  }

  @Test func `without a name the last, fastest variant of this processor is selected`() {
    var (unnamed, empty) = (NC_PORTABLE, NC_PORTABLE)
    #expect(nc_select(nil, &unnamed) == NC_SELECTED)
    #expect(nc_select("", &empty) == NC_SELECTED)
    #expect(unnamed == variants.last)
    #expect(empty == unnamed)
  }

  @Test func `a variant is selected by its own name`() {
    #expect(variants.first == NC_PORTABLE)
    for variant in variants {
      var selected = NC_PORTABLE
      #expect(nc_select(nc_variant_name(variant), &selected) == NC_SELECTED)
      #expect(selected == variant)
    }
  }
}
