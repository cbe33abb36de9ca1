"""Where each field of an order stands in a NIEM 6 document: the one table that reading, writing and schema follow.

The paths stand in the order of the document. Names are NIEM's own where NIEM has the thing; those of the prefix
`order` are ours. Elements that NIEM names in its NCIC code space hold the same codes as the fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NIEM = "https://docs.oasis-open.org/niemopen/ns/model/"
NAMESPACES: Mapping[str, str] = MappingProxyType(
    {
        "order": "urn:wireroom:order:1",
        "nc": f"{_NIEM}niem-core/6.0/",
        "j": f"{_NIEM}domains/justice/6.0/",
        "ncic": f"{_NIEM}codes/ncic/6.0/",
    }
)
ROOT = "order:ProtectionOrderMessage"
ANSWER = "order:ProtectionOrderAnswer"
KEY = "order:MessageKeyCode"  # which message it is; left out: the plain entry

_O = "j:ProtectionOrder"
_PERSON = f"{_O}/j:ProtectionOrderRestrictedPerson"
_HOME = f"{_PERSON}/nc:PersonResidenceAddress"
_JUSTICE = f"{_PERSON}/j:PersonAugmentation"
_ABOUT = f"{_PERSON}/order:PersonAugmentation"
_MORE = f"{_O}/order:ProtectionOrderAugmentation"
_PLATE = "j:ConveyanceRegistration/j:ConveyanceRegistrationPlateIdentification"
_NAME = "nc:PersonName/nc:PersonFullName"
_ID = "nc:IdentificationID"

PATHS: Mapping[str, str] = MappingProxyType(
    {
        "FCN": "order:FileControlNumberID",
        "NIC": "order:NCICNumberID",
        "PNO": f"{_O}/nc:ActivityIdentification/{_ID}",
        "TYO": f"{_O}/nc:ActivityCategoryText",
        "MIS": f"{_O}/nc:ActivityDescriptionText",
        "EFD": f"{_O}/nc:ActivityEffectiveDate/nc:Date",
        "CTI": f"{_O}/j:CourtOrderIssuingCourt/j:OrganizationAugmentation/j:OrganizationORIIdentification/{_ID}",
        "DPT": f"{_O}/j:CourtOrderIssuingCourt/j:CourtDivisionText",
        "ISD": f"{_O}/j:CourtOrderIssuingDate/nc:Date",
        "JDG": f"{_O}/j:CourtOrderIssuingJudicialOfficial/{_NAME}",
        "RQO": f"{_O}/j:CourtOrderRequestEntity/nc:EntityPerson/{_NAME}",
        "SAD": f"{_O}/j:CourtOrderServiceAttemptedDate/nc:Date",
        "SVD": f"{_O}/j:CourtOrderServiceDate/nc:Date",
        "SVN": f"{_O}/j:CourtOrderServiceOfficialEnforcement/{_NAME}",
        "AGE": f"{_PERSON}/nc:PersonAgeMeasure/nc:MeasureIntegerValue",
        "DOB": f"{_PERSON}/nc:PersonBirthDate/nc:Date",
        "ETN": f"{_PERSON}/ncic:PersonEthnicityCode",
        "EYE": f"{_PERSON}/ncic:PersonEyeColorCode",
        "HAI": f"{_PERSON}/ncic:PersonHairColorCode",
        "HGT": f"{_PERSON}/nc:PersonHeightDescriptionText",
        "NAM": f"{_PERSON}/nc:PersonName",
        "MNU": f"{_PERSON}/nc:PersonOtherIdentification/{_ID}",
        "SMT": f"{_PERSON}/nc:PersonPhysicalFeature/ncic:PhysicalFeatureCategoryCode",
        "RAC": f"{_PERSON}/ncic:PersonRaceCode",
        "ADR": f"{_HOME}/nc:AddressDeliveryPointText",
        "CTY": f"{_HOME}/nc:AddressCityName",
        "STA": f"{_HOME}/nc:AddressState/order:StateCode",
        "ZIP": f"{_HOME}/nc:AddressPostalCode",
        "COU": f"{_HOME}/order:AddressAugmentation/order:CountyCode",
        "SEX": f"{_PERSON}/ncic:PersonSexCode",
        "SKN": f"{_PERSON}/ncic:PersonSkinToneCode",
        "SOC": f"{_PERSON}/nc:PersonSSNIdentification/{_ID}",
        "WGT": f"{_PERSON}/nc:PersonWeightDescriptionText",
        "OLN": f"{_JUSTICE}/j:DriverLicense/{_ID}",
        "OLS": f"{_JUSTICE}/j:DriverLicense/nc:IdentificationIssuerState/order:StateCode",
        "FBI": f"{_JUSTICE}/j:PersonFBIIdentification/{_ID}",
        "CII": f"{_JUSTICE}/j:PersonStateFingerprintIdentification/{_ID}",
        "CMC": f"{_JUSTICE}/ncic:PersonCautionInformationCode",
        "POB": f"{_JUSTICE}/ncic:PersonBirthplaceCode",
        "AKA": f"{_ABOUT}/order:PersonAliasName",
        "ADB": f"{_ABOUT}/order:PersonOtherBirthDate/nc:Date",
        "CTZ": f"{_ABOUT}/order:PersonCitizenshipCode",
        "ASN": f"{_ABOUT}/order:PersonOtherSSNIdentification/{_ID}",
        "OLY": f"{_ABOUT}/order:DriverLicenseYearText",
        "EST": f"{_ABOUT}/order:PersonEstimatedFeatureCode",
        "BRD": f"{_O}/j:ProtectionOrderBradyIndicator",
        "PCO": f"{_O}/ncic:ProtectionOrderConditionCode",
        "TRM": f"{_MORE}/order:OrderTermCode",
        "SBA": f"{_MORE}/order:OrderBasisCode",
        "IST": f"{_MORE}/order:OrderIssuingTime",
        "EFT": f"{_MORE}/order:OrderEffectiveTime",
        "EXP": f"{_MORE}/order:OrderExpirationDate",
        "EXT": f"{_MORE}/order:OrderExpirationTime",
        "HRD": f"{_MORE}/order:HearingDate/nc:Date",
        "HRT": f"{_MORE}/order:HearingTime",
        "RND": f"{_MORE}/order:OrderReissuedDate/nc:Date",
        "STY": f"{_MORE}/order:StayAwayLocation",
        "MOV": f"{_MORE}/order:MoveOutIndicator",
        "PCX": f"{_MORE}/order:PeacefulContactIndicator",
        "CUS": f"{_MORE}/order:CustodyText",
        "ANM": f"{_MORE}/order:AnimalsProtectedIndicator",
        "GPS": f"{_MORE}/order:ElectronicMonitoringIndicator",
        "REC": f"{_MORE}/order:RecordingAllowedIndicator",
        "FRP": f"{_MORE}/order:FirearmsBarredIndicator",
        "BAR": f"{_MORE}/order:BodyArmorBarredIndicator",
        "FRA": f"{_MORE}/order:FirearmsHeldIndicator",
        "WEX": f"{_MORE}/order:FirearmAtWorkIndicator",
        "RLD": f"{_MORE}/order:FirearmsSurrenderDate/nc:Date",
        "RCD": f"{_MORE}/order:FirearmsReceiptFiledDate/nc:Date",
        "FND": f"{_MORE}/order:CredibleThreatFoundIndicator",
        "BRW": f"{_MORE}/order:BradyReasonText",
        "SVC": f"{_MORE}/order:ServiceStatusCode",
        "SVT": f"{_MORE}/order:ServiceTime",
        "SVM": f"{_MORE}/order:ServiceMannerCode",
        "SVA": f"{_MORE}/order:ServiceAgencyID",
        "SAN": f"{_MORE}/order:ServiceAttemptQuantity",
        "PRS": f"{_MORE}/order:PresentInCourtIndicator",
        "IDT": f"{_MORE}/order:SameTermsIndicator",
        "FLD": f"{_MORE}/order:FiledWithCourtDate/nc:Date",
        "OCA": f"{_MORE}/order:AgencyCaseID",
        "LKA": f"{_MORE}/order:LinkedCaseID",
        "LKI": f"{_MORE}/order:LinkedAgencyID",
        "PPN": "j:ProtectionOrderProtectedPersonAssociation",
        "VCO": "nc:Vehicle/ncic:ConveyanceColorPrimaryCode",
        "VYR": "nc:Vehicle/nc:ItemModelYearDate",
        "VST": "nc:Vehicle/ncic:VehicleStyleCode",
        "VIN": f"nc:Vehicle/nc:VehicleIdentification/{_ID}",
        "VMA": "nc:Vehicle/ncic:VehicleMakeCode",
        "VMO": "nc:Vehicle/ncic:VehicleModelCode",
        "LIC": f"{_PLATE}/{_ID}",
        "LIS": f"{_PLATE}/nc:IdentificationIssuerState/order:StateCode",
        "LIT": "j:ConveyanceRegistration/ncic:ConveyanceRegistrationPlateCategoryCode",
        "LIY": "j:ConveyanceRegistration/order:ConveyanceRegistrationAugmentation/order:PlateYearText",
        "DCL": "order:ClearedDate/nc:Date",
        "CLR": "order:ClearedReasonCode",
        "CTA": "order:CourtesyAgencyID",
        "CTM": "order:CourtesyTerminalID",
        "PUR": "order:PurposeCode",
        "CAS": "order:CaseID",
        "ATN": "order:AttentionText",
    }
)
# Values of several parts: where each part stands below the element of the field, in the order of the document.
NAME_PIECES: Mapping[str, str] = MappingProxyType(
    {
        "given": "nc:PersonGivenName",
        "middle": "nc:PersonMiddleName",
        "sur": "nc:PersonSurName",
        "suffix": "nc:PersonNameSuffixText",
        "full": "nc:PersonFullName",
    }
)
PIECES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "PPN": {
            "age": "nc:Person/nc:PersonAgeMeasure/nc:MeasureIntegerValue",
            "born": "nc:Person/nc:PersonBirthDate/nc:Date",
            "name": "nc:Person/nc:PersonName",
            "sex": "nc:Person/ncic:PersonSexCode",
            "relation": "order:ProtectedPersonAugmentation/order:RelationshipCode",
            "household": "order:ProtectedPersonAugmentation/order:HouseholdIndicator",
        },
        "STY": {"place": "order:StayAwayPlaceCode", "yards": "order:StayAwayYardsQuantity"},
    }
)
# For which of NIEM's heads ours and NCIC's stand.
STANDS_FOR: Mapping[str, str] = MappingProxyType(
    {
        "order:PersonAugmentation": "nc:PersonAugmentationPoint",
        "order:AddressAugmentation": "nc:AddressAugmentationPoint",
        "order:StateCode": "nc:StateRepresentation",
        "order:ProtectionOrderAugmentation": "j:ProtectionOrderAugmentationPoint",
        "order:ProtectedPersonAugmentation": "nc:ActivityPersonAssociationAugmentationPoint",
        "order:ConveyanceRegistrationAugmentation": "j:ConveyanceRegistrationAugmentationPoint",
        "ncic:PersonEthnicityCode": "nc:PersonEthnicityAbstract",
        "ncic:PersonEyeColorCode": "nc:PersonEyeColorAbstract",
        "ncic:PersonHairColorCode": "nc:PersonHairColorAbstract",
        "ncic:PersonRaceCode": "nc:PersonRaceAbstract",
        "ncic:PersonSexCode": "nc:PersonSexAbstract",
        "ncic:PersonSkinToneCode": "nc:PersonSkinToneAbstract",
        "ncic:PhysicalFeatureCategoryCode": "nc:PhysicalFeatureCategoryAbstract",
        "ncic:PersonCautionInformationCode": "j:PersonCautionInformationAbstract",
        "ncic:PersonBirthplaceCode": "j:PersonBirthplaceAbstract",
        "ncic:ProtectionOrderConditionCode": "j:ProtectionOrderConditionAbstract",
        "ncic:ConveyanceColorPrimaryCode": "nc:ItemColorPrimaryAbstract",
        "ncic:VehicleStyleCode": "nc:ItemStyleAbstract",
        "ncic:VehicleMakeCode": "nc:VehicleMakeAbstract",
        "ncic:VehicleModelCode": "nc:VehicleModelAbstract",
        "ncic:ConveyanceRegistrationPlateCategoryCode": "j:ConveyanceRegistrationPlateCategoryAbstract",
    }
)
