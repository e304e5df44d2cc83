import BatchNormReference
import BatchNormTesting
import Foundation
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath

func plainReference(_ type: ElementType) -> any NetworkSubject {
  switch type {
  case .float32: KernelNetwork(PlainKernels<Float>(), name: "plain")
  case .float64: KernelNetwork(PlainKernels<Double>(), name: "plain")
  }
}
