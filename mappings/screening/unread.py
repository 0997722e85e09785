"""Resources of which nothing is looked at: those of types that nobody reads, and those that cannot be decoded."""

from __future__ import annotations

import msgspec
from msgspec import Raw


class Unread(msgspec.Struct, gc=False, tag=True, tag_field="resourceType"):
    """A resource of a type that nobody reads; each type is a class without elements, and has its name."""


class Undecoded(Unread, gc=False):
    """A resource that could not be decoded, or whose type FHIR does not have: the type that it names, if any."""

    type: str
    raw: Raw


# All types of R4 and R5 but those that are glanced at, so that none of them makes a Bundle unusual.
# https://hl7.org/fhir/R4/resourcelist.html, https://hl7.org/fhir/R5/resourcelist.html
_TYPES = """
    Account ActivityDefinition ActorDefinition AdministrableProductDefinition AdverseEvent AllergyIntolerance
    Appointment AppointmentResponse ArtifactAssessment AuditEvent Basic Binary BiologicallyDerivedProduct Bundle
    BiologicallyDerivedProductDispense BodyStructure CapabilityStatement CareTeam CatalogEntry ChargeItem
    ChargeItemDefinition Citation Claim ClaimResponse ClinicalImpression ClinicalUseDefinition CodeSystem
    Communication CommunicationRequest CompartmentDefinition Composition ConceptMap ConditionDefinition Consent
    Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceAssociation
    DeviceDefinition DeviceDispense DeviceMetric DeviceRequest DeviceUsage DeviceUseStatement DocumentManifest
    DocumentReference EncounterHistory Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition
    Evidence EvidenceReport EvidenceVariable ExampleScenario ExplanationOfBenefit Flag FormularyItem GenomicStudy
    Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingSelection ImmunizationEvaluation
    ImmunizationRecommendation ImplementationGuide Ingredient InsurancePlan InventoryItem InventoryReport Invoice
    Library Linkage List Location ManufacturedItemDefinition Measure MeasureReport Media MedicationDispense
    MedicationKnowledge MedicinalProductDefinition MessageDefinition MessageHeader MolecularSequence NamingSystem
    NutritionIntake NutritionOrder NutritionProduct ObservationDefinition OperationDefinition Organization
    OrganizationAffiliation PackagedProductDefinition Parameters PaymentNotice PaymentReconciliation Permission
    Person PlanDefinition Practitioner PractitionerRole Provenance Questionnaire QuestionnaireResponse
    RegulatedAuthorization RelatedPerson RequestGroup RequestOrchestration Requirements ResearchDefinition
    ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment Schedule SearchParameter Slot Specimen
    SpecimenDefinition StructureDefinition StructureMap Subscription SubscriptionStatus SubscriptionTopic Substance
    SubstanceDefinition SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
    SubstanceSourceMaterial SupplyDelivery SupplyRequest Task TerminologyCapabilities TestPlan TestReport TestScript
    Transport ValueSet VerificationResult VisionPrescription
"""
UNREAD: tuple[type[msgspec.Struct], ...] = tuple(
    msgspec.defstruct(name, (), bases=(Unread,), module=__name__, gc=False) for name in _TYPES.split()
)
