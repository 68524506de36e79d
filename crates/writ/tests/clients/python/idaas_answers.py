"""What the vendor's client says of answers: the status, and the refusal as it understood it."""

from cloud_idaas.core.exceptions import ClientException, ServerException
from cloud_idaas.core.http.default_http_client import DefaultHttpClient

from report import Refused


def record_statuses() -> list[int]:
    """Notes the status of every answer: the client's exceptions do not carry it."""
    statuses = []
    handle = DefaultHttpClient._handle_response

    def noted(client, response):
        statuses.append(response.status)
        return handle(client, response)

    DefaultHttpClient._handle_response = noted
    return statuses


def refusal(cause: Exception, statuses: list[int]) -> Exception:
    if not isinstance(cause, (ClientException, ServerException)):
        return cause
    return Refused(
        exception=type(cause).__name__,
        error=cause.error_code,
        error_description=cause.error_message,
        request_id=cause.request_id,
        status=statuses[-1] if statuses else None,
    )
