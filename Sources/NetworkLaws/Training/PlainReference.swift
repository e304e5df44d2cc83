import BatchNormReference
import BatchNormTesting
import Foundation
import ReferenceSubjects

func plainReference(_ type: ElementType) -> any NetworkSubject {
  switch type {
  case .float32: KernelNetwork(PlainKernels<Float>(), name: "plain")
  case .float64: KernelNetwork(PlainKernels<Double>(), name: "plain")
  }
}
