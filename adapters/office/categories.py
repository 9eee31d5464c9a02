"""How offices write the categories of dues, reliefs and scopes; the codes are those of the policy file.

Sources of the categories: 01-QĐ/TW, Article 3 (months from 2026-02) and 342-QĐ/TW, part B.I (months to 2026-01).
"""

from adapters.office.table import Words, words
from domain.member import Scope

CATEGORIES: Words[str] = words(
    {
        "SI_COMPULSORY": ("Thuộc diện BHXH bắt buộc", "BHXH bắt buộc", "Đóng BHXH bắt buộc", "SI_COMPULSORY"),
        "SI_LEAVE_BENEFIT": (
            "Nghỉ ốm đau, thai sản",
            "Hưởng trợ cấp ốm đau, thai sản",
            "Nghỉ thai sản",
            "Nghỉ ốm đau",
            "SI_LEAVE_BENEFIT",
        ),
        "NON_SI_PENSIONER": ("Hưởng lương hưu", "Hưu trí", "NON_SI_PENSIONER"),
        "NON_SI_UNDER_RETIREMENT": (
            "Chưa đến tuổi nghỉ hưu, không lương hưu",
            "Chưa đến tuổi nghỉ hưu",
            "NON_SI_UNDER_RETIREMENT",
        ),
        "NON_SI_OVER_RETIREMENT": (
            "Từ đủ tuổi nghỉ hưu, không lương hưu",
            "Đủ tuổi nghỉ hưu, không lương hưu",
            "NON_SI_OVER_RETIREMENT",
        ),
        "STUDENT": ("Học sinh, sinh viên", "STUDENT"),
        "OVERSEAS_FUNDED": ("Ở nước ngoài, hưởng sinh hoạt phí", "OVERSEAS_FUNDED"),
        "OVERSEAS_OTHER": ("Ở nước ngoài, diện khác", "OVERSEAS_OTHER"),
    }
)

CATEGORIES_342: Words[str] = words(
    {
        "R342_ADMIN_ARMED": ("342: cơ quan hành chính, lực lượng vũ trang", "R342_ADMIN_ARMED"),
        "R342_PENSION": ("342: hưởng lương hưu BHXH", "342: lương hưu", "R342_PENSION"),
        "R342_ENTERPRISE": ("342: doanh nghiệp, đơn vị sự nghiệp, tổ chức kinh tế", "R342_ENTERPRISE"),
        "R342_OTHER_DOMESTIC": ("342: đảng viên khác ở trong nước", "R342_OTHER_DOMESTIC"),
        "R342_STUDENT": ("342: học sinh, sinh viên", "R342_STUDENT"),
        "R342_FARM_INNER_CITY": ("342: nông nghiệp, nội thành", "R342_FARM_INNER_CITY"),
        "R342_FARM_TOWN": ("342: nông nghiệp, thị xã, thị trấn", "R342_FARM_TOWN"),
        "R342_FARM_OTHER": ("342: nông nghiệp, nơi khác", "R342_FARM_OTHER"),
        "R342_OWNER": ("342: chủ trang trại, cửa hàng", "R342_OWNER"),
        "R342_OVERSEAS_PAID": ("342: ngoài nước, hưởng lương", "R342_OVERSEAS_PAID"),
        "R342_OVERSEAS_SELF": ("342: ngoài nước, tự túc", "R342_OVERSEAS_SELF"),
        "R342_OVERSEAS_OWNER": ("342: ngoài nước, chủ doanh nghiệp", "R342_OVERSEAS_OWNER"),
    }
)

SCOPES: Words[Scope] = words(
    {
        Scope.ONLINE: ("Trực tuyến", "online"),
        Scope.CASH: ("Miễn sinh hoạt, nộp tiền mặt", "Miễn sinh hoạt", "Nộp tiền mặt", "cash"),
        Scope.ABROAD: ("Nước ngoài", "Ở nước ngoài", "abroad"),
        Scope.ARMED_FORCES: ("Lực lượng vũ trang", "Quân đội, Công an", "armed-forces"),
    }
)

RELIEFS: Words[str] = words({code: (code,) for code in ("X1", "X2", "X3", "X4")})
