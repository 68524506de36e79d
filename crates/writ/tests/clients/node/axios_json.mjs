// The sample of the vendor's guide, word for word, under the axios of its day (0.27): the
// object goes out as JSON that is labelled application/x-www-form-urlencoded. Under axios 1
// it goes out as the form that it is labelled as.
//
// Configuration: token_endpoint, client_id, client_secret, scope; optional axios ("1").
import axios0 from "axios";
import axios1 from "axios-1";
import { Refused, report } from "./report.mjs";

async function getToken(config) {
  const axios = config.axios === "1" ? axios1 : axios0;
  const options = {
    method: "POST",
    url: config.token_endpoint,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    data: {
      grant_type: "client_credentials",
      client_id: config.client_id,
      client_secret: config.client_secret,
      scope: config.scope,
    },
  };
  try {
    const { status, data } = await axios.request(options);
    return { status, body: data, access_token: data.access_token };
  } catch (failure) {
    if (!failure.response) {
      throw failure;
    }
    const { status, data } = failure.response;
    throw new Refused({
      exception: failure.name,
      error: data.error,
      error_description: data.error_description,
      request_id: data.request_id,
      status,
      body: data,
    });
  }
}

await report(getToken);
