"""What the signature fields of a sealed document are called."""

DEVICE_FIELD = "DeviceSeal"
OFFICE_FIELD = "OfficeSeal"
